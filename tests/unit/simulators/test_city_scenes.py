"""The running city plays scenes that are asked for, and sends inspections in time order."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from support.simulated_city import small_plan

from schemas.events import EventKind
from schemas.headers import time_ms
from simulators.faults.truth import TruthLog
from simulators.running.city import CitySimulator
from simulators.running.city_clock import CityClock
from simulators.running.health import CityHealth
from simulators.running.publish import EventRecord, FrameWriter
from simulators.scenes.scene_file import Scene
from simulators.scenes.scene_requests import SceneRequest, SceneRequests

START = time_ms("2026-01-13T10:00:00+08:00")


class Sent:
    """Takes what a broker would take."""

    def __init__(self) -> None:
        self.records: list[EventRecord] = []

    async def deliver(self, records: Iterable[EventRecord]) -> None:
        """Everything arrives."""
        self.records.extend(records)


class Wall:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def wall() -> Wall:
    """At 0."""
    return Wall()


@pytest.fixture
def city(tmp_path: Path, wall: Wall) -> CitySimulator:
    """A small city without a scene, that takes requests."""
    requests = SceneRequests(tmp_path / "scenes-t")
    requests.folder.mkdir()
    made = CitySimulator(
        clock=CityClock(START, wall=wall),
        publisher=Sent(),  # type: ignore[arg-type]  # delivers to a list
        frames=FrameWriter(boot="b", nature="simulated"),
        truth=TruthLog(tmp_path / "truth-t.jsonl"),
        health=CityHealth(),
        seed=1,
        tick_ms=5_000,
        requests=requests,
    )
    made.activate(small_plan(), "a" * 64)
    return made


async def _run(city: CitySimulator, wall: Wall, seconds: int) -> None:
    await city.step()
    for _ in range(seconds):
        wall.now += 1.0
        await city.step()


def _truth(city: CitySimulator) -> list[dict[str, object]]:
    if not city.truth.path.exists():
        return []
    return [json.loads(line) for line in city.truth.path.read_text("utf-8").splitlines()]


async def test_a_scene_that_is_asked_for_begins_at_the_next_step(
    city: CitySimulator, wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """Its faults are in the truth, its readings on the log, and who asked in the program's log."""
    caplog.set_level("INFO")
    await _run(city, wall, 2)
    assert city.requests is not None
    city.requests.submit(SceneRequest(scene="opening", actor="wang.li"))
    await _run(city, wall, 60)
    assert {line["name"] for line in _truth(city)} == {
        "dug_up_main",
        "heating_pipe",
        "water_main",
        "open_cover",
        "leaking_lamp",
    }
    pressures = [
        scan["values"]["primary_supply_pressure_mpa"]
        for record in city.publisher.records  # type: ignore[attr-defined]
        if record.key == "heat_exchanger_radiator-1" and record.kind is EventKind.TELEMETRY
        for scan in json.loads(record.value)["scans"]
        if "primary_supply_pressure_mpa" in scan["values"]
    ]
    assert pressures[-1] < pressures[0] - 0.02
    assert "scene begins scene=opening asked_by=wang.li" in caplog.text


async def test_a_scene_played_twice_is_twice_in_the_truth(city: CitySimulator, wall: Wall) -> None:
    """Also when it is asked for twice within one step."""
    assert city.requests is not None
    await _run(city, wall, 1)
    for _ in range(2):
        city.requests.submit(SceneRequest(scene="opening", actor="wang.li"))
    await _run(city, wall, 60)
    covers = [line["fault"] for line in _truth(city) if line["name"] == "open_cover"]
    assert len(covers) == len(set(covers)) == 2


async def test_a_scene_that_does_not_exist_is_said_in_the_log(
    city: CitySimulator, wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """And the city goes on."""
    assert city.requests is not None
    await _run(city, wall, 1)
    city.requests.submit(SceneRequest(scene="opera", actor="wang.li"))
    await _run(city, wall, 3)
    assert "simulator: cannot play a scene asked_by=wang.li" in caplog.text
    assert _truth(city) == []


async def test_inspections_are_sent_in_the_order_of_time(city: CitySimulator, wall: Wall) -> None:
    """Among frames and ticks; the times on the log never go back."""
    await _run(city, wall, 3_600)
    records = city.publisher.records  # type: ignore[attr-defined]
    assert [record.time for record in records] == sorted(record.time for record in records)
    found = [record for record in records if record.kind is EventKind.INSPECTION]
    assert 1 <= len(found) <= 5


async def test_frames_of_a_faulty_link_come_when_they_arrive(city: CitySimulator, wall: Wall) -> None:
    """A slow radio: of its station nothing else, of others nothing changes; the truth names the source."""
    place = "gas_regulator-1"
    city.play(_slow_radio(place), actor="wang.li")
    await _run(city, wall, 300)
    frames = [
        (record.time, json.loads(record.value))
        for record in city.publisher.records  # type: ignore[attr-defined]
        if record.kind is EventKind.TELEMETRY
    ]
    late = {
        station: {time - frame["scans"][-1]["at"] for time, frame in frames if frame["station"] == station}
        for station in (place, "heat_source-1")
    }
    assert late["heat_source-1"] == {0}
    assert max(late[place]) == 90_000
    numbers = [frame["seq"] for _, frame in frames if frame["station"] == place]
    assert numbers == sorted(set(numbers))
    assert [line["source"] for line in _truth(city)] == ["gw-gas-110118001"]


def _slow_radio(place: str) -> Scene:
    words = {"zh": "场景", "en": "a scene"}
    fault = {
        "name": "radio",
        "template": "radio_delay",
        "place": {"station": place},
        "begins_s": 1,
        "hold_s": 900,
    }
    return Scene.model_validate({"name": "test", "title": words, "description": words, "faults": [fault]})
