"""How the plans and records of the golden log were made: a morning of the shipped city, cut small.

Three scenes of ``simulators/scenes`` and faults of nearly every other template, inspections, what people do
about alerts, a second plan, and records that nobody can take. Chance comes from a seed, keys from a text:
the same code makes the same bytes.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from support.engine_log import MINUTE, SECOND
from support.golden_city import shipped_city
from support.golden_log import Given, Golden, Judge
from support.golden_odd import frame, odd_records
from support.golden_people import KEYS, Act, Log, acts, bad_plans, publish
from support.golden_plans import BEGIN, NEW_PLAN_MIN, plans
from support.golden_plans import records as plan_records
from support.monitor_city import Sent, event

from schemas.base import MIN_TIME_MS
from schemas.headers import ce_headers
from schemas.plan import Plan, plan_bytes, plan_id
from schemas.topics import EVENT_PARTITIONS, control_key
from services.plans.compile.compiler import compile_city
from services.runtime.signing import PUBLISHER
from simulators.faults.fault import Fault
from simulators.networks.station import source_of
from simulators.networks.world import build_world
from simulators.running.city import cuts
from simulators.running.inspections import Timetable
from simulators.running.publish import EventRecord, FrameWriter, ticks
from simulators.scenes.scene_file import Scene, cast, load_scene

EPOCH = "901de400-0000-4000-8000-000000615371"
MINUTES = 150
SEED = 110_118
STEP_MS = 15 * SECOND
SCENES = {"opening": 10, "gas-dig": 20, "silence": 55}
"""With the minutes at which they begin."""
MORE = (
    "gas-110118001-0002",
    "heat-110118001-0002",
    "heat-110118001-0003",
    "heat-110118001-0030",
    "water-110118101-0005",
    "sewer-110118001-0006",
    "sewer-110118001-0010",
    "sewer-110118001-0011",
    "light-110118001-0002",
    "light-110118001-0003",
    "light-110118112-0001",
    "light-110118112-0002",
    "weather-110118101-0001",
)
"""Stations beside those of the scenes and the first of each kind."""
Row = tuple[str, str, str | None, float, float, float | None]
FAULTS: tuple[Row, ...] = (
    ("cabinet_lost", "light-110118001-0002", None, 3, 60, None),
    ("circuit_lost", "light-110118001-0003", None, 2, 70, None),
    ("lit_by_day", "light-110118001-0002", None, 68, 40, None),
    ("voltage_low", "light-110118112-0001", None, 48, 60, 184),
    ("door_open", "light-110118001-0003", None, 22, 8, None),
    ("door_open", "light-110118001-0003", None, 38, 9, None),
    ("cover_open", "sewer-110118001-0006", None, 5, 5, None),
    ("cover_open", "sewer-110118001-0006", None, 20, 5, None),
    ("cover_open", "sewer-110118001-0006", None, 34, 5, None),
    ("cover_open", "sewer-110118001-0006", None, 82, 7, None),
    ("cover_open", "sewer-110118001-0006", None, 118, 6, None),
    ("cover_tilted", "sewer-110118001-0005", None, 40, 10, None),
    ("sewer_blockage", "sewer-110118001-0006", None, 15, 70, None),
    ("ponding", "sewer-110118001-0029", None, 12, 30, 45),
    ("h2s_in_room", "sewer-110118001-0002", None, 10, 40, 25),
    ("no_value", "sewer-110118001-0002", "h2s_room_mg_m3", 25, 8, None),
    ("room_flooded", "sewer-110118001-0001", None, 60, 10, None),
    ("drift", "sewer-110118001-0001", "o2_room_pct", 90, 15, -4),
    ("drift", "sewer-110118001-0010", "h2s_mg_m3", 20, 60, 110),
    ("dropout", "sewer-110118001-0029", "ponding_cm", 24, 9, None),
    ("heating_main_break", "heat-110118002-0001", None, 4, 140, None),
    ("source_lost", "heat-110118002-0001", None, 92, 20, None),
    ("secondary_too_hot", "heat-110118001-0001", None, 70, 40, 92),
    ("pump_trip", "heat-110118001-0002", None, 30, 15, None),
    ("power_lost", "heat-110118001-0004", None, 33, 12, None),
    ("home_cold", "heat-110118001-0029", "room_01_c", 0.5, 148, 15),
    ("repeated_frames", "heat-110118001-0002", None, 50, 6, 3),
    ("heating_pipe_break", "heat-110118001-0003", None, 60, 25, 0.22),
    ("secondary_too_hot", "heat-110118001-0004", None, 60, 20, 66),
    ("room_flooded", "heat-110118001-0003", None, 100, 15, None),
    ("drift", "heat-110118001-0002", "primary_supply_pressure_mpa", 110, 20, 1.25),
    ("drift", "heat-110118001-0003", "primary_return_pressure_mpa", 95, 15, -0.3),
    ("clock_reset", "heat-110118001-0030", None, 40, 20, None),
    ("turbid_water", "water-110118001-0001", None, 45, 50, 3.5),
    ("chlorine_low", "water-110118001-0001", None, 15, 50, 0.05),
    ("tank_low", "water-110118001-0001", None, 90, 30, 0.12),
    ("water_burst", "water-110118001-0002", None, 50, 45, 0.25),
    ("drift", "water-110118101-0005", "pressure_mpa", 20, 110, -0.08),
    ("drift", "water-110118001-0009", "pressure_mpa", 5, 30, 0.12),
    ("bad_quality", "water-110118102-0005", "chlorine_mg_l", 10, 60, None),
    ("regulator_leak", "gas-110118001-0001", None, 35, 12, 55),
    ("regulator_overpressure", "gas-110118001-0002", None, 70, 45, 4.2),
    ("regulator_low_outlet", "gas-110118001-0001", None, 75, 8, None),
    ("co_in_room", "gas-110118002-0001", None, 25, 12, 110),
    ("protection_lost", "gas-110118001-0064", None, 1, 148, None),
    ("clock_ahead", "gas-110118001-0011", None, 80, 15, None),
    ("spikes", "gas-110118107-0001", "tank_level_ratio", 30, 30, 0.4),
    ("stuck", "gas-110118002-0001", "flow_m3h", 40, 20, None),
    ("stuck", "water-110118001-0001", "outlet_flow_m3h", 2, 140, None),
    ("drift", "gas-110118001-0002", "inlet_pressure_mpa", 20, 15, 0.05),
    ("station_silent", "weather-110118101-0001", None, -1, 30, None),
    ("noisy", "weather-110118001-0001", "wind_m_s", 15, 30, 4.0),
    ("battery_low", "sewer-110118001-0005", "battery_pct", 0.5, 148, 12),
)
"""Template, station, point, begin and duration in minutes, size."""
LATE = ("sewer-110118001-0002", 92, 100)
"""A station whose frames of these minutes come later, all at once."""
AGAIN_MS = 12 * MINUTE
FAILED_AT_MIN = 34


def make(folder: Path) -> Golden:
    """The inputs of the golden log; ``folder`` is scratch."""
    city = shipped_city()
    whole = compile_city(city, keys=())
    faults = _scene_faults(whole)
    first, second = plans(city, _stations(whole, faults))
    faults += [fault for row in FAULTS for fault in _cast(row, first)]
    golden = Golden(Given(EPOCH, KEYS[PUBLISHER].public_key), plan_records(first, second), [])
    log = Log(golden, Judge(golden, folder), BEGIN)
    for at, act in _timeline(first, second, faults):
        for sent in act(log, at):
            log.append(sent, at)
    return replace(golden, given=replace(golden.given, failed=tuple(log.failed)))


def _timeline(first: Plan, second: Plan, faults: list[Fault]) -> list[tuple[int, Act]]:
    names = [plan_id(plan_bytes(plan)) for plan in (first, second)]
    timed: list[tuple[float, Act]] = [
        (-2.0, _genesis),
        (-1.5, _too_early),
        (-1.0, publish(names[0])),
        *acts(),
        *odd_records(),
        (FAILED_AT_MIN, _failed),
        (95.0, bad_plans(names[1])),
        (NEW_PLAN_MIN, publish(names[1])),
        (NEW_PLAN_MIN + 2, publish(names[1])),
    ]
    played = [(BEGIN + round(minute * MINUTE), act) for minute, act in timed]
    played += [(record.time, _told(record)) for record in _late(_city(first, faults))]
    return sorted(played, key=lambda pair: pair[0])


def _told(record: EventRecord) -> Act:
    headers = ce_headers(record.kind, record.source, record.ce_id, record.time)
    sent = Sent(record.key.encode(), record.value, headers, record.partition)
    return lambda _, __: iter([sent])


def _genesis(_: Log, __: int) -> Iterator[Sent]:
    value = json.dumps({"epoch": EPOCH, "namespace": "golden", "clock": "log"}).encode()
    for partition in range(EVENT_PARTITIONS):
        sent = event("genesis", control_key(partition), partition, value, MIN_TIME_MS)
        yield replace(
            sent, headers=ce_headers("genesis", "miyun", f"{EPOCH}:{partition}:genesis", MIN_TIME_MS)
        )


def _too_early(_: Log, at: int) -> Iterator[Sent]:
    """Before the first plan; and the beginning of another log."""
    yield frame(at, {"flow_m3h": 100.0})
    value = json.dumps({"epoch": EPOCH[:-1] + "2", "namespace": "golden", "clock": "log"}).encode()
    yield event("genesis", control_key(2), 2, value, at)


def _failed(log: Log, at: int) -> Iterator[Sent]:
    log.append_failed(frame(at, {"flow_m3h": 111.0}), at)
    return iter(())


def _stations(plan: Plan, faults: list[Fault]) -> set[str]:
    """Where the scenes are, where they should raise alerts, and one station of each kind."""
    kinds = {station.kind: station.station_id for station in reversed(plan.stations)}
    told = {expected.station for fault in faults for expected in fault.expected}
    return {*kinds.values(), *told, *(fault.station for fault in faults), *MORE}


def _scene_faults(plan: Plan) -> list[Fault]:
    """The scenes as the whole city has them."""
    played = [
        cast(load_scene(name), plan, start_ms=BEGIN + minute * MINUTE) for name, minute in SCENES.items()
    ]
    assert not any(scene.without for scene in played)
    return [fault for scene in played for fault in scene.faults]


def _cast(row: Row, plan: Plan) -> tuple[Fault, ...]:
    template, station, point, begins_min, lasts_min, size = row
    words = {"zh": "金样", "en": "golden"}
    fault = {
        "name": template,
        "template": template,
        "place": {"station": station, "point": point},
        "begins_s": (begins_min + 1) * 60,
        "rise_s": 60 if lasts_min > 4 else 0,
        "hold_s": lasts_min * 60,
        "fall_s": 60,
        "size": size,
    }
    scene = Scene.model_validate({"name": "golden", "title": words, "description": words, "faults": [fault]})
    played = cast(scene, plan, start_ms=BEGIN - MINUTE)
    assert not played.without, row
    return played.faults


def _city(plan: Plan, faults: list[Fault]) -> list[EventRecord]:
    """Frames, ticks and inspections; every other step a station's scans go out together."""
    disturbances = [one for fault in faults for one in fault.disturbances]
    world = build_world(plan, seed=SEED, disturbances=disturbances)
    writer = FrameWriter(boot="golden", nature="simulated")
    until = BEGIN + MINUTES * MINUTE
    records = Timetable(plan, SEED).between(BEGIN, until)
    scans = [*world.first_scans(BEGIN + 1)]
    for number, after in enumerate(range(BEGIN, until, STEP_MS)):
        scans += world.between(after, after + STEP_MS)
        for station, group in groupby(scans, key=lambda pair: pair[0]):
            for cut in cuts((scanned for _, scanned in group), together=number % 2 == 0):
                sent = writer.frame(station.station_id, cut, source=source_of(station))
                records += [sent] * cut[0].copies
        records += ticks(after + STEP_MS, source="sim-city", boot="golden")
        scans = []
    return records


def _late(records: list[EventRecord]) -> Iterator[EventRecord]:
    """The same, but one station's frames are held up for some minutes: the first of them never comes, the
    others come once more after the device has started anew, so that each scan is a repeat.
    """
    station, begins, ends = LATE
    since, until = BEGIN + begins * MINUTE, BEGIN + ends * MINUTE
    held = [r for r in records if r.key == station and since <= r.time < until]
    for record in records:
        if record not in held:
            yield record
        elif record is not held[0]:
            yield replace(record, time=until)
            again = record.value.replace(b'"boot":"golden"', b'"boot":"again"')
            yield replace(record, time=until + AGAIN_MS, value=again, ce_id=f"{record.ce_id}:again")
