"""A small city whose log all runs share: random frames, inspections and commands, of few partitions."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from simulation.servers.log import Content
from support.field_log import T0, Line
from support.notifier_city import write_people
from support.random_logs import MINUTE_MS, control_lines, plan_of, random_log, stations

from schemas.headers import ce_headers
from schemas.outputs import PLAN_PART
from schemas.plan import PLAN_PART_BYTES, Plan, plan_bytes, plan_id
from schemas.topics import TOPICS, partition_of
from services.cli.logs.plan_of_judge import trust_of
from services.judging.log_lines import parse_line
from services.plans.publish.publisher import public_keys
from services.runtime.records.authenticity import SIGNED, Signer, ensure_output_key, note_first_signed
from services.runtime.settings import Settings
from services.runtime.signing import CLI, PUBLISHER, ensure_key, sign_plan_event

EPOCH = "00000000-0000-4000-8000-000000000010"
SEED = 20_261_128
PARTITIONS = (3, 11)
STATIONS = 6
CHOSEN_FROM = 60
TICK_EVERY = 4
"""Of the ticks every 5 s one in so many stands in the log: enough for silence, and a run stays short."""


@dataclass(frozen=True)
class SmallCity:
    """Settings with keys of its own, the plan, and the records of ``events`` by partition, in order."""

    settings: Settings
    plan_parts: list[Content]
    signer: Signer
    records: dict[int, list[Content]]


def make_city(folder: Path) -> SmallCity:
    """The city, its keys in ``folder``."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        namespace="sim",
        clock="log",
        kafka_bootstrap="memory:9092",
        keys_dir=folder / "keys",
        state_dir=folder / "state",
        people_dir=write_people(folder / "people"),
        checkpoint_every_s=1.0,
        session_timeout_s=6.0,
    )
    chosen = [one for one in stations(CHOSEN_FROM, SEED) if partition_of(one.station_id) in PARTITIONS]
    plan = plan_of(chosen[:STATIONS], public_keys(settings))
    note_first_signed(settings, {topic: [0] * TOPICS[topic].partitions for topic in SIGNED})
    signer = Signer(ensure_output_key(settings.keys_dir))
    return SmallCity(settings, _parts(plan), signer, _records(settings, plan))


def _parts(plan: Plan) -> list[Content]:
    """The records of the topic ``plans``."""
    serialised = plan_bytes(plan)
    name, starts = plan_id(serialised), range(0, len(serialised), PLAN_PART_BYTES)
    return [
        Content(
            f"{name}:{number}/{len(starts)}".encode(),
            serialised[start : start + PLAN_PART_BYTES],
            ce_headers(PLAN_PART, "publisher", f"{name}:{number}"),
        )
        for number, start in enumerate(starts)
    ]


def _records(settings: Settings, plan: Plan) -> dict[int, list[Content]]:
    trust, name = trust_of(settings.keys_dir), plan_id(plan_bytes(plan))
    assert trust is not None
    fields: dict[str, Any] = {"actor": "tester", "issued": T0, "expires": T0 + MINUTE_MS}
    signed = sign_plan_event(
        ensure_key(settings.keys_dir, PUBLISHER), name, epoch=EPOCH, number=1, **fields
    ).model_dump(mode="json")
    lines: defaultdict[int, list[Line]] = defaultdict(list)
    for number in PARTITIONS:
        control = control_lines(EPOCH, signed, number)
        lines[number] += [it for at, it in enumerate(control) if it["kind"] != "tick" or not at % TICK_EVERY]
    for number, station in enumerate(plan.stations):
        told = random_log(
            station,
            SEED + number,
            plan=plan,
            plan_name=name,
            epoch=EPOCH,
            signer=ensure_key(settings.keys_dir, CLI),
            trust=trust,
        )
        lines[partition_of(station.station_id)] += told
    return {
        number: [_content(line) for line in sorted(of_it, key=lambda line: line["arrival"])]
        for number, of_it in lines.items()
    }


def _content(told: Line) -> Content:
    line = parse_line(json.dumps(told))
    return Content(None if line.is_keyless else line.key, line.value, line.record_headers())


def jumps(content: list[Content], chance: Random) -> list[tuple[Content, str]]:
    """The records, each with how it is written: alone, or in a transaction, whose end takes an offset."""
    ways = ("alone",) * 30 + ("committed", "aborted")
    return [(it, "alone" if at == 0 else chance.choice(ways)) for at, it in enumerate(content)]
