"""Inspections come on working days, the same ones each time, as the log takes them."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

import pytest
from support.simulated_city import small_plan

from schemas.codec import Decoded, decode
from schemas.events import Inspection
from schemas.headers import Headers, ce_headers, time_ms
from schemas.plan import Plan
from simulators.running.inspections import Timetable, pipe_class
from simulators.running.publish import EventRecord

TUESDAY = time_ms("2026-01-13T00:00:00+08:00")
SATURDAY = time_ms("2026-01-17T00:00:00+08:00")
HOUR = 3_600_000
DAY = 24 * HOUR
SEED = 110118


@pytest.fixture(scope="module")
def city() -> Plan:
    """Stations of every shipped type."""
    return small_plan()


@dataclass(frozen=True)
class Logged:
    """A record as it is consumed."""

    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: Headers

    @classmethod
    def of(cls, sent: EventRecord) -> Self:
        """With the headers that the publisher gives it."""
        headers = ce_headers(sent.kind, sent.source, sent.ce_id, sent.time)
        return cls(sent.partition, 0, 0, sent.key.encode(), sent.value, headers)


def _read(sent: list[EventRecord]) -> list[Inspection]:
    """As the monitor reads them."""
    read = []
    for one in sent:
        decoded = decode(Logged.of(one), "log")
        assert isinstance(decoded, Decoded), decoded
        assert isinstance(decoded.event, Inspection)
        assert decoded.arrival == decoded.event.at
        read.append(decoded.event)
    return read


def test_a_working_day_has_camera_runs_and_patrols(city: Plan) -> None:
    """Valid for the log, by day, oldest first; camera runs at the points that wait for a class."""
    found = _read(Timetable(city, SEED).between(TUESDAY, TUESDAY + DAY))
    assert Counter(one.kind for one in found) == {"cctv": 3, "patrol": 14}
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert all(8.5 <= (one.at - TUESDAY) / HOUR <= 17 for one in found)
    assert all(one.nature == "simulated" for one in found)
    assert len({one.inspection_id for one in found}) == len(found)
    for one in found:
        if one.kind == "cctv":
            assert one.point == "pipe_class"
            assert one.station.startswith("sewer_manhole")
            assert one.grade is not None
        else:
            assert one.grade is None
            assert one.note


def test_at_the_weekend_the_camera_rests(city: Plan) -> None:
    """Only some patrols."""
    found = _read(Timetable(city, SEED).between(SATURDAY, SATURDAY + DAY))
    assert Counter(one.kind for one in found) == {"patrol": 6}


def test_steps_of_any_length_give_the_same_inspections(city: Plan) -> None:
    """None is lost or doubled between two steps, over midnight neither."""
    table = Timetable(city, SEED)
    stepped = [
        one
        for begin in range(TUESDAY, TUESDAY + 2 * DAY, 700_000)
        for one in table.between(begin, min(begin + 700_000, TUESDAY + 2 * DAY))
    ]
    assert stepped == Timetable(city, SEED).between(TUESDAY, TUESDAY + 2 * DAY)
    assert len(stepped) == 34


def test_another_seed_is_another_timetable(city: Plan) -> None:
    """Other places or times."""
    one, other = (Timetable(city, seed).between(TUESDAY, TUESDAY + DAY) for seed in (1, 2))
    assert [found.value for found in one] != [found.value for found in other]


def test_a_pipe_keeps_its_defect(city: Plan) -> None:
    """Two runs through the same pipe see the same."""
    seen: dict[str, set[tuple[str | None, str | None]]] = {}
    for one in _read(Timetable(city, SEED).between(TUESDAY, TUESDAY + 10 * DAY)):
        if one.kind == "cctv":
            seen.setdefault(one.station, set()).add((one.grade, one.defect))
    assert len(seen) == 4
    assert all(len(found) == 1 for found in seen.values())


@pytest.mark.parametrize(
    ("structural", "functional", "place", "soil", "expected"),
    [
        (0.0, 0.0, "sewer_manhole-1", 0.0, "I"),
        (0.5, 0.0, "sewer_manhole-1", 0.0, "I"),
        (2.0, 0.0, "sewer_manhole-1", 0.0, "II"),
        (5.0, 0.0, "sewer_manhole-2", 0.0, "III"),
        (5.0, 0.0, "sewer_manhole-1", 0.0, "II"),
        (5.0, 0.0, "sewer_manhole-1", 8.0, "III"),
        (10.0, 0.0, "sewer_manhole-1", 0.0, "IV"),
        (0.0, 5.0, "sewer_manhole-1", 0.0, "III"),
        (0.0, 10.0, "sewer_manhole-1", 0.0, "IV"),
    ],
)
def test_the_class_of_a_pipe(
    city: Plan, structural: float, functional: float, place: str, soil: float, expected: str
) -> None:
    """CJJ 181: one PL3 under an arterial road is RI 4.25, class III; away from it 3.65, class II."""
    station = next(s for s in city.stations if s.station_id == place)
    found = pipe_class(structural=structural, functional=functional, station=station, soil=soil)
    assert found == expected


@pytest.mark.parametrize(
    ("zone", "midnight", "next_midnight"),
    [
        ("Asia/Urumqi", "2026-01-13T00:00:00+06:00", "2026-01-14T00:00:00+06:00"),
        ("Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        ("Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"),
    ],
)
def test_people_work_by_the_clocks_of_their_city(
    city: Plan, zone: str, midnight: str, next_midnight: str
) -> None:
    """From morning to evening of the city's day, also where that has 23 or 25 hours."""
    there = replace(city, time_zone=zone)
    found = _read(Timetable(there, SEED).between(time_ms(midnight), time_ms(next_midnight)))
    hours = {datetime.fromtimestamp(one.at / 1000, ZoneInfo(zone)).hour for one in found}
    assert len(found) >= 6
    assert hours <= set(range(8, 17))
    assert {time_ms(midnight) < one.at < time_ms(next_midnight) for one in found} == {True}
