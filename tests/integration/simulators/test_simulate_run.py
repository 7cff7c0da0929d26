"""``miyun simulate run`` on a real broker: frames, ticks, a quick end, and time that goes on."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from time import monotonic

import pytest
from aiokafka import AIOKafkaProducer
from support.namespaces import new_namespace
from support.programs import Environment, environment_of, free_port, miyun, miyun_process
from support.simulator_process import Run, metrics, simulator, until_ready

from schemas.base import Bilingual, ReportMode
from schemas.codec import Decoded, decode
from schemas.events import EventKind, PlanEvent, Telemetry, Tick
from schemas.headers import ce_headers, time_ms
from schemas.plan import PLAN_PART_BYTES, Plan, Point, Station, plan_bytes, plan_id
from schemas.topics import EVENT_PARTITIONS, TopicName, control_key, partition_of
from services.runtime.kafka import ensure_namespace, partitions_of, read_all, reader
from services.runtime.settings import Settings, load_settings

CITY_START = time_ms("2026-01-13T19:00:00+08:00")
SUPPLY = (time_ms("2025-11-07T00:00:00+08:00"), time_ms("2026-03-15T00:00:00+08:00"))
FIRST_RUN_S = 22.0
GATEWAYS = {
    "gas-0001": "gw-gas-110118001",
    "gas-0002": "gw-gas-110118001",
    "heat-0001": "gw-heating-110118001",
}


def _point(code: str, unit: str, high: float, every_s: int, mode: ReportMode = "periodic") -> Point:
    return Point(
        code=code,
        name=Bilingual(zh=code, en=code),
        unit=unit,
        low=0.0,
        high=high,
        expected_every_s=every_s,
        report_mode=mode,
        life_safety=False,
        reference=None,
        rules=(),
    )


def _station(station_id: str, kind: str, system: str, *points: Point) -> Station:
    return Station(
        station_id=station_id,
        kind=kind,
        system=system,
        town_code="110118001000",
        owner_org="centre",
        name=Bilingual(zh=station_id, en=station_id),
        lat=40.37,
        lon=116.83,
        virtual=False,
        points=points,
    )


def _plan(*, homes: bool) -> Plan:
    stations = [
        _station(
            "gas-0001",
            "gas_regulator",
            "gas",
            _point("station_ch4_pct_lel", "%LEL", 100, 5),
            _point("shutoff_valve", "state", 1, 0, "on_change"),
        ),
        _station(
            "gas-0002",
            "gas_chamber",
            "gas",
            _point("ch4_pct_lel", "%LEL", 100, 5),
            _point("ethane_ppm", "ppm", 500, 5),
        ),
        _station("heat-0001", "heat_source", "heating", _point("return_pressure_mpa", "MPa", 1.6, 5)),
    ]
    if homes:
        stations.append(_station("homes-1", "heat_homes", "heating", _point("room_01_c", "degC", 50, 5)))
    towns = {"110118001000": Bilingual(zh="鼓楼街道", en="Gulou")}
    return Plan(
        format=1,
        district_code="110118",
        towns=towns,
        rules=(),
        stations=tuple(stations),
        calendars={"heating:trial|supply": (SUPPLY,)},
        keys=(),
    )


async def _publish(plan: Plan, settings: Settings, at_ms: int) -> None:
    """Put the plan's parts and a plan event per partition on the log, as the publisher does."""
    serialised = plan_bytes(plan)
    name = plan_id(serialised)
    parts = [serialised[i : i + PLAN_PART_BYTES] for i in range(0, len(serialised), PLAN_PART_BYTES)]
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap) as producer:
        for number, part in enumerate(parts):
            await producer.send_and_wait(
                TopicName.PLANS.within(settings.namespace),
                part,
                key=f"{name}:{number}/{len(parts)}".encode(),
                headers=ce_headers("plan_part", "test", f"{name}:{number}"),
            )
        for partition in range(EVENT_PARTITIONS):
            event = PlanEvent(
                id=f"p{partition}",
                plan=name,
                actor="test",
                signer="publisher",
                key_id="k",
                issued=at_ms,
                expires=at_ms + 1,
                signature="",
            )
            await producer.send_and_wait(
                TopicName.EVENTS.within(settings.namespace),
                event.model_dump_json().encode(),
                key=control_key(partition).encode(),
                partition=partition,
                headers=ce_headers(EventKind.PLAN, "test", event.id, at_ms),
            )


@dataclass
class Story:
    """A namespace through two runs; the plan gains a station while the second goes on."""

    settings: Settings
    state_dir: Path
    first: Run
    second: Run
    played: tuple[int, str]
    """Exit code and output of ``miyun scene play``."""


async def _play(scene: str, environment: Environment) -> tuple[int, str]:
    done = await asyncio.to_thread(miyun, "scene", "play", scene, environment=environment)
    return done.returncode, done.stdout


async def _log(settings: Settings) -> list[Decoded]:
    places = partitions_of(settings.namespace, TopicName.EVENTS)
    async with reader(settings.kafka_bootstrap) as consumer:
        chunks = read_all(consumer, places)
        decoded = [decode(record, "log") async for records in chunks for record in records]
    assert all(isinstance(event, Decoded) for event in decoded), decoded
    return [event for event in decoded if isinstance(event, Decoded)]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The simulator waits for a plan, runs, is ended, runs again and meets a new plan."""
    settings = load_settings(namespace=new_namespace(), clock="log")
    return asyncio.run(_story(settings, tmp_path_factory.mktemp("state")))


async def _story(settings: Settings, state_dir: Path) -> Story:
    await ensure_namespace(settings)
    first, second = Run(), Run()
    port = free_port()
    ours = settings.model_copy(update={"state_dir": state_dir, "simulator_port": port})
    environment = environment_of(ours)
    with simulator(environment, state_dir / "first.log", first):
        waiting = await until_ready(port, 503)
        assert waiting["ready"] is False
        await asyncio.sleep(1.5)
        await _publish(_plan(homes=False), settings, CITY_START - 1_000)
        first.ready = await until_ready(port, 200)
        until = monotonic() + FIRST_RUN_S
        first.metrics = await asyncio.to_thread(metrics, port)
        played = await _play("opening", environment)
        await asyncio.sleep(until - monotonic())
    first.log = await _log(settings)
    with simulator(environment, state_dir / "second.log", second):
        second.ready = await until_ready(port, 200)
        await asyncio.sleep(3)
        await _publish(_plan(homes=True), settings, max(d.arrival for d in first.log))
        await asyncio.sleep(4)
    second.log = await _log(settings)
    return Story(settings, state_dir, first, second, played)


def _frames(log: list[Decoded]) -> list[Telemetry]:
    return [decoded.event for decoded in log if isinstance(decoded.event, Telemetry)]


def test_it_waits_for_a_plan_and_says_so(story: Story) -> None:
    """Without an active plan the log names the command that publishes one."""
    assert "waiting for an active plan (miyun rules publish)" in story.first.said
    assert "simulating plan=" in story.first.said


def test_prometheus_can_ask_it(story: Story) -> None:
    """It is seen to run, and what it costs."""
    assert "process_cpu_seconds_total" in story.first.metrics


def test_frames_of_every_station_decode(story: Story) -> None:
    """Each station sends its points, simulated, through its system's gateway in its town, without holes."""
    frames = _frames(story.first.log)
    assert {f.station: f.source for f in frames} == GATEWAYS
    assert {f.nature for f in frames} == {"simulated"}
    for station in GATEWAYS:
        seqs = [f.seq for f in frames if f.station == station]
        assert len(seqs) >= 3
        assert seqs == list(range(len(seqs)))
    codes = {code for f in frames for scan in f.scans for code in scan.values}
    assert codes == {
        "station_ch4_pct_lel",
        "shutoff_valve",
        "ch4_pct_lel",
        "ethane_ppm",
        "return_pressure_mpa",
    }


def test_time_passes_on_every_partition(story: Story) -> None:
    """A tick each 5 s of city time on all partitions, from the demo's start on, in order."""
    ticks = [d.arrival for d in story.first.log if isinstance(d.event, Tick)]
    instants = sorted(set(ticks))
    assert instants[:2] == [CITY_START + 5_000, CITY_START + 10_000]
    assert len(ticks) == EVENT_PARTITIONS * len(instants)
    gas = [d.arrival for d in story.first.log if d.event in _frames(story.first.log)]
    assert min(gas) >= CITY_START


def test_city_time_runs_as_the_wall_does(story: Story) -> None:
    """After some 22 s of wall time city time has come as far, give or take the start-up."""
    newest = max(decoded.arrival for decoded in story.first.log)
    assert FIRST_RUN_S - 5 <= (newest - CITY_START) / 1000 <= FIRST_RUN_S + 5


def test_it_ends_within_two_seconds(story: Story) -> None:
    """SIGTERM: flushed and gone, exit code 0. One of two times may be longer: a machine may be busy."""
    assert (story.first.exit_code, story.second.exit_code) == (0, 0)
    assert min(story.first.stopped_in_s, story.second.stopped_in_s) < 2


def test_a_restart_goes_on_where_the_log_ends(story: Story) -> None:
    """City time never runs back; another boot counts its frames from 0; no scan comes twice."""
    before = max(decoded.arrival for decoded in story.first.log)
    old = {decoded.ce_id for decoded in story.first.log}
    added = [d for d in story.second.log if d.ce_id not in old and not isinstance(d.event, PlanEvent)]
    assert min(d.arrival for d in added) > before
    assert min(d.arrival for d in added) <= before + 2_000
    boots = {f.boot for f in _frames(story.second.log)}
    assert len(boots) == 2
    scans = [
        (f.station, scan.at, code)
        for f in _frames(story.second.log)
        for scan in f.scans
        for code in scan.values
    ]
    assert len(scans) == len(set(scans))


def test_a_new_plan_takes_effect_while_it_runs(story: Story) -> None:
    """The station that the second plan brings reports without a restart."""
    assert "homes-1" not in {f.station for f in _frames(story.first.log)}
    homes = [f for f in _frames(story.second.log) if f.station == "homes-1"]
    assert homes
    assert 15 < (homes[0].scans[0].values["room_01_c"] or 0) < 25
    assert partition_of("homes-1") in range(EVENT_PARTITIONS)


def test_injected_faults_are_written_beside(story: Story) -> None:
    """The scene that was asked for in the first run: in the truth, cut short where the run ended."""
    assert story.played == (0, f"scene opening begins in namespace {story.settings.namespace}\n")
    path = story.state_dir / f"truth-{story.settings.namespace}.jsonl"
    injected, cut_short = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    assert [line["event"] for line in (injected, cut_short)] == ["injected", "cut_short"]
    assert injected["fault"] == cut_short["fault"]
    assert (injected["name"], injected["station"]) == ("dug_up_main", "gas-0002")
    assert CITY_START + 5_000 <= time_ms(injected["begins"]) < CITY_START + 15_000
    assert cut_short["ends"] < injected["ends"]
    gas = [
        scan.values["ch4_pct_lel"] or 0.0
        for frame in _frames(story.first.log)
        for scan in frame.scans
        if "ch4_pct_lel" in scan.values
    ]
    assert gas[-1] > max(2.0, gas[0])
    assert "no station for faults scene=opening" in story.first.said


async def test_a_namespace_that_lives_by_the_wall_clock_is_refused() -> None:
    """One line that says what to do, exit code 2; both by setting and by what the log declares."""
    settings = load_settings(namespace=new_namespace(), clock="wall")
    await ensure_namespace(settings)
    for clock, words in (("wall", "has clock=wall"), ("log", "lives by clock=wall")):
        told = settings.model_copy(update={"clock": clock})
        done = await asyncio.to_thread(miyun_process, "simulate", "run", environment=environment_of(told))
        assert done.returncode == 2
        assert words in done.stderr


async def test_a_port_that_is_taken_is_named() -> None:
    """One line that says which setting to change, exit code 2."""
    settings = load_settings(namespace=new_namespace(), clock="log")
    with socket() as other:
        other.bind((settings.host, 0))
        other.listen()
        port = other.getsockname()[1]
        told = settings.model_copy(update={"simulator_port": port})
        done = await asyncio.to_thread(miyun_process, "simulate", "run", environment=environment_of(told))
    assert done.returncode == 2
    assert f"miyun: cannot listen on {settings.host}:{port}: " in done.stderr
    assert "MIYUN_*_PORT" in done.stderr
