"""Inspections: patrols of people and camera runs through sewers, as events of the log.

A timetable of working days by seed: the same day gives the same inspections, whenever it is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from schemas.events import EventKind, Inspection
from schemas.plan import Plan, Station
from schemas.topics import partition_of
from simulators.networks.chance import Chance
from simulators.running.publish import EventRecord

SOURCE = "sim-inspections"
Class = Literal["I", "II", "III", "IV"]
DAY_0 = date(1970, 1, 1).toordinal()
SATURDAY = 5
PIPE_CLASS = "pipe_class"
FIRST_HOUR, LAST_HOUR = 8.5, 17.0
CAMERA_RUNS = 3
"""Pipes that the camera sees on a working day; none at the weekend."""
PATROLS, WEEKEND_PATROLS = 14, 6

USUAL_SCORES = (0.5, 2.0, 5.0, 10.0)
STRUCTURAL = {"PL": USUAL_SCORES, "CK": USUAL_SCORES, "TJ": (1.0, 3.0, 5.0, 10.0), "SL": USUAL_SCORES}
FUNCTIONAL = {"CJ": USUAL_SCORES, "JG": USUAL_SCORES, "SG": USUAL_SCORES}
"""Scores of four grades (CJJ 181-2012): breaks, offsets, open joints, leaks; silt, scale, roots."""
GRADE_SHARES = (0.15, 0.70, 0.95, 0.99)
"""Cumulative: pipes without defect, with one of grade 1, 2, 3; the rest has one of grade 4."""
NOTES: dict[str, tuple[str, ...]] = {
    "gas": ("巡查正常,未闻到燃气异味。", "周边无施工,标志桩完好。", "井室通风良好,手持仪检测为零。"),
    "heating": ("机组运行平稳,无渗漏。", "站内整洁,补水箱水位正常。", "压力表、温度表读数与远传一致。"),
    "water": ("设备运行正常。", "周边路面无沉陷、无渗水。", "消毒设备运行正常,药剂充足。"),
    "sewer": ("井盖完好,无异响。", "水流通畅,无淤积。", "格栅已清理,泵组运行正常。"),
    "lighting": ("箱门锁闭,接地良好。", "灯杆编号清晰,无歪斜。", "箱体清洁,无遮挡。"),
    "weather": ("传感器清洁,支架稳固。",),
}


@dataclass(slots=True)
class Timetable:
    """The inspections of a city. Days that were asked last are kept."""

    plan: Plan
    seed: int
    days: dict[int, list[Inspection]] = field(default_factory=dict)
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        """Keep the zone in which people work."""
        self.zone = ZoneInfo(self.plan.time_zone)

    def between(self, after_ms: int, until_ms: int) -> list[EventRecord]:
        """The inspections in (``after_ms``, ``until_ms``], oldest first."""
        first, last = (local_day(at, self.zone) for at in (after_ms, until_ms))
        due = [found for day in range(first, last + 1) for found in self._day(day)]
        return [_record(found) for found in due if after_ms < found.at <= until_ms]

    def _day(self, day: int) -> list[Inspection]:
        if day not in self.days:
            self.days = {kept: found for kept, found in self.days.items() if kept == day - 1}
            found = [*self._camera_runs(day), *self._patrols(day)]
            self.days[day] = sorted(found, key=lambda one: (one.at, one.inspection_id))
        return self.days[day]

    def _camera_runs(self, day: int) -> Iterator[Inspection]:
        if _date(day).weekday() >= SATURDAY:
            return
        pipes = [s for s in self.plan.stations if any(point.code == PIPE_CLASS for point in s.points)]
        for number, station in enumerate(_drawn(pipes, self.seed, f"cctv {day}", CAMERA_RUNS), start=1):
            grade, defect = _seen(station, Chance(self.seed, station.station_id))
            yield Inspection(
                station=station.station_id,
                inspection_id=f"cctv-{_date(day):%Y%m%d}-{number:02}",
                kind="cctv",
                point=PIPE_CLASS,
                at=self._at(day, number, CAMERA_RUNS, Chance(self.seed, station.station_id)),
                inspector="cctv-team-1",
                grade=grade,
                defect=defect,
                note="" if defect is None else "详见检测视频。",
                nature="simulated",
            )

    def _patrols(self, day: int) -> Iterator[Inspection]:
        count = WEEKEND_PATROLS if _date(day).weekday() >= SATURDAY else PATROLS
        places = [s for s in self.plan.stations if s.system in NOTES and not s.virtual]
        for number, station in enumerate(_drawn(places, self.seed, f"patrol {day}", count), start=1):
            chance = Chance(self.seed, station.station_id)
            notes = NOTES[station.system]
            yield Inspection(
                station=station.station_id,
                inspection_id=f"patrol-{_date(day):%Y%m%d}-{number:02}",
                kind="patrol",
                at=self._at(day, number, count, chance),
                inspector=f"patrol-{station.system}-{1 + number % 2}",
                note=notes[int(chance.uniform("note", day) * len(notes))],
                nature="simulated",
            )

    def _at(self, day: int, number: int, count: int, chance: Chance) -> int:
        """The ``number``-th of ``count`` slots of the working day, some minutes off, in whole seconds."""
        slot_h = (LAST_HOUR - FIRST_HOUR) / count
        hour = FIRST_HOUR + slot_h * (number - 1 + 0.2 + 0.6 * chance.uniform("slot", day))
        at = datetime.combine(_date(day), time(), self.zone) + timedelta(seconds=int(hour * 3600))
        return round(at.timestamp() * 1000)


def _record(found: Inspection) -> EventRecord:
    """The record of an inspection; it arrives when it was made."""
    return EventRecord(
        partition=partition_of(found.station),
        key=found.station,
        kind=EventKind.INSPECTION,
        source=SOURCE,
        ce_id=f"{SOURCE}:{found.inspection_id}",
        time=found.at,
        value=found.model_dump_json(exclude_none=True).encode(),
    )


def local_day(at_ms: int, zone: ZoneInfo) -> int:
    """Return the days since 1970 by the people's calendar."""
    return datetime.fromtimestamp(at_ms / 1000, zone).toordinal() - DAY_0


def pipe_class(*, structural: float, functional: float, station: Station, soil: float) -> Class:
    """The worse of repair and maintenance class of a pipe (CJJ 181-2012, 8.3 and 8.4).

    Scores of its worst defects; pipes of 600-1000 mm; ``soil`` is the standard's T, 0 to 10.
    """
    importance = 6.0 if "carriageway" in station.traits else 0.0
    repair = 0.7 * structural + 0.15 * (soil if structural else 0.0)
    upkeep = 0.8 * functional
    if structural >= 4:
        repair += 0.1 * importance + 0.05 * 3
    if functional >= 4:
        upkeep += 0.15 * importance + 0.05 * 3
    worst = max(repair, upkeep)
    return "I" if worst <= 1 else "II" if worst <= 4 else "III" if worst <= 7 else "IV"


def _seen(station: Station, chance: Chance) -> tuple[Class, str | None]:
    """The class and the defect that the camera sees; a pipe keeps its defect."""
    drawn = chance.uniform("pipe grade")
    grade = sum(drawn >= share for share in GRADE_SHARES)
    if grade == 0:
        return "I", None
    scores = {**STRUCTURAL, **FUNCTIONAL}
    code = sorted(scores)[int(chance.uniform("pipe defect") * len(scores))]
    score = scores[code][grade - 1]
    soil = 8.0 if chance.uniform("soil") < 0.2 and code in STRUCTURAL and grade > 1 else 0.0
    structural, functional = (score, 0.0) if code in STRUCTURAL else (0.0, score)
    found = pipe_class(structural=structural, functional=functional, station=station, soil=soil)
    return found, f"{code}{grade}"


def _drawn(stations: list[Station], seed: int, lot: str, count: int) -> list[Station]:
    by_lot = sorted(stations, key=lambda s: (Chance(seed, s.station_id).uniform(lot), s.station_id))
    return by_lot[:count]


def _date(day: int) -> date:
    return date.fromordinal(DAY_0 + day)
