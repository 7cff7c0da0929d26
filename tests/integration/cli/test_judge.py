"""`miyun judge` makes of a log what a monitor on a real broker makes of it; `miyun log export` writes one."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.field_log import T0, Line
from support.monitor_city import Sent, write
from support.monitor_process import Installation, children_of, new_installation
from support.programs import environment_of, miyun
from support.random_logs import MINUTE_MS, control_lines, plan_of, random_log, stations

from schemas.outcomes import OUTCOME_KINDS
from schemas.plan import Plan, plan_bytes, plan_id
from schemas.topics import EVENT_PARTITIONS, TopicName, partition_of
from services.cli.logs.plan_of_judge import trust_of
from services.judging.log_lines import parse_line
from services.judging.outcome_lines import OutcomeLine, outcome_line
from services.judging.player import Player, Trust, plan_of_log
from services.plans.publish.publisher import public_keys
from services.plans.publish.store import write_parts
from services.runtime.kafka import ensure_namespace, make_producer
from services.runtime.signing import CLI, PUBLISHER, ensure_key, sign_plan_event

LOGS = 100
SEED = 20_261_128
ByStation = dict[str, dict[str, list[OutcomeLine]]]
"""The lines of a station, by their type."""


@dataclass
class Played:
    """A log of many stations, read by a monitor: lines of each station, and of each partition's control."""

    installation: Installation
    plan: Plan
    plan_name: str
    epoch: str
    lines: dict[str, list[Line]]
    control: dict[int, list[Line]]
    told: ByStation

    @property
    def trust(self) -> Trust:
        """Whom the installation believes."""
        found = trust_of(self.installation.settings.keys_dir)
        assert found is not None
        return found

    def merged(self, station: str) -> list[Line]:
        """The station's records among those of its partition that concern all."""
        control = self.control[partition_of(station)]
        return sorted([*control, *self.lines[station]], key=lambda line: line["arrival"])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """A hundred random logs in one namespace, each of a station of its own, and what the monitor said."""
    installation = new_installation(tmp_path_factory.mktemp("judge"))
    with children_of(installation):
        yield asyncio.run(_play(installation))


async def _play(installation: Installation) -> Played:
    settings = installation.settings
    epoch = await ensure_namespace(settings, timeout_s=20)
    chosen = stations(LOGS, SEED)
    plan = plan_of(chosen, public_keys(settings))
    name = plan_id(plan_bytes(plan))
    fields = {"actor": "tester", "issued": T0, "expires": T0 + MINUTE_MS, "epoch": epoch, "number": 1}
    signed = sign_plan_event(ensure_key(settings.keys_dir, PUBLISHER), name, **fields)
    control = {n: control_lines(epoch, signed.model_dump(mode="json"), n) for n in range(EVENT_PARTITIONS)}
    played = Played(installation, plan, name, epoch, {}, control, {})
    signer = ensure_key(settings.keys_dir, CLI)
    more: dict[str, Any] = {"plan": plan, "plan_name": name, "epoch": epoch, "signer": signer}
    for number, station in enumerate(chosen):
        made = random_log(station, SEED + number, trust=played.trust, **more)
        played.lines[station.station_id] = made
    async with make_producer(settings) as producer:
        await write_parts(producer, settings.namespace, plan_bytes(plan))
        await write(producer, TopicName.EVENTS.within(settings.namespace), list(_records(played)))
    child = installation.start()
    await installation.caught_up()
    assert await child.stop() == 0
    written = await installation.written()
    return replace(played, told=by_station(filter(None, map(outcome_line, written))))


def _records(played: Played) -> Iterator[Sent]:
    """All lines in the order of their arrivals; the broker has a genesis already."""
    control = [line for lines in played.control.values() for line in lines if line["kind"] != "genesis"]
    lines = [*control, *(line for lines in played.lines.values() for line in lines)]
    for told in sorted(lines, key=lambda line: line["arrival"]):
        line = parse_line(json.dumps(told))
        assert line.partition is not None
        key = None if line.is_keyless else line.key
        yield Sent(key, line.value, line.record_headers(), line.partition, timestamp=line.arrival)


def by_station(lines: Iterable[OutcomeLine]) -> ByStation:
    """Lines by station and type, in order.

    What nobody could decode is of no station, and left out: of when it was refused only the partition's
    clock tells, which other stations' records move.
    """
    found: ByStation = {}
    for line in lines:
        if line["station"] is not None:
            found.setdefault(line["station"], {}).setdefault(line["type"], []).append(line)
    return found


def judged(played: Played, station: str) -> ByStation:
    """What judging the station's log alone gives, by the log's own ticks."""
    player = Player(
        plan=plan_of_log(played.plan, played.plan_name, {station}, played.trust),
        begins_at=T0,
        trust=played.trust,
        epoch=played.epoch,
        tick_ms=0,
    )
    lines = [parse_line(json.dumps(line)) for line in played.merged(station)]
    return by_station(player.play(lines))


def test_a_hundred_random_logs_come_to_what_the_monitor_makes_of_them(played: Played) -> None:
    """Every line, word for word, of each type in order."""
    assert len(played.lines) == LOGS
    kinds: set[tuple[str, str]] = set()
    for station in played.lines:
        expected = played.told.get(station, {})
        assert judged(played, station).get(station, {}) == expected, station
        kinds |= {(name, str(line.get("reason"))) for name, lines in expected.items() for line in lines}
    reasons = {reason for name, reason in kinds if name == "transition"}
    assert {"raised", "cleared", "escalated", "acknowledged"} <= reasons
    refused = {reason for name, reason in kinds if name == "rejection"}
    assert {"bad_signature", "unknown_point", "not_handled"} <= refused
    assert ("condition", "None") in kinds


def test_an_exported_log_comes_to_the_same(played: Played, tmp_path: Path) -> None:
    """Written by the one command, read by the other: with ticks and plan event, from the real topic."""
    settings = played.installation.settings
    environment = environment_of(settings)
    plan = tmp_path / "plan.json"
    plan.write_bytes(plan_bytes(played.plan))
    busiest = sorted(played.lines, key=lambda name: -len(played.told.get(name, {}).get("transition", [])))
    for station in busiest[:3]:
        exported = miyun("log", "export", "--station", station, "--control", environment=environment)
        assert exported.returncode == 0, exported.stderr
        file = tmp_path / f"{station}.jsonl"
        file.write_text(exported.stdout, encoding="utf-8")
        options = ("--tick", "0", "--plan", str(plan), "--keys", str(settings.keys_dir))
        done = miyun("judge", str(file), *options, environment=environment)
        assert done.returncode == 0, done.stderr
        lines = map(json.loads, done.stdout.splitlines())
        assert by_station(lines)[station] == played.told[station]


def test_an_export_is_cut_by_arrival(played: Played) -> None:
    """From the first instant inclusive to the other exclusive; without the partition's ticks unless asked."""
    environment = environment_of(played.installation.settings)
    station = next(iter(played.lines))
    span = ("--from", "2026-01-13T19:05:00+08:00", "--to", "2026-01-13T19:20:00+08:00")
    done = miyun("log", "export", "--station", station, *span, environment=environment)
    arrivals = [line["arrival"] for line in map(json.loads, done.stdout.splitlines())]
    expected = [line["arrival"] for line in played.lines[station] if line.get("key", "") is not None]
    assert arrivals == [at for at in expected if T0 + 5 * MINUTE_MS <= at < T0 + 20 * MINUTE_MS]
    wrong = miyun("log", "export", "--station", station, "--from", "yesterday", environment=environment)
    assert wrong.returncode == 2
    assert "for example 2026-01-13T19:00:00+08:00" in wrong.stderr


def test_the_kinds_of_outcomes_are_known() -> None:
    """Whoever adds one decides whether `miyun judge` tells it."""
    assert set(OUTCOME_KINDS.values()) == {
        "command_outcome",
        "plan_activated",
        "station_state",
        "inspection_taken",
        "finding",
    }
