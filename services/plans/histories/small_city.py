"""A city as small as a history needs: its one rule, and one station of a shipped type."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from schemas.base import Bilingual
from schemas.city.files import City, Mistake, Placed, parse
from schemas.city.stations import PointChange, StationFile, StationType
from schemas.plan import Plan
from services.plans.city.folder import CityError
from services.plans.city.yaml_lines import read
from services.plans.compile.compiler import compile_city
from services.plans.histories.file import CONTROL, HistoryError, HistoryFile, Stimulus
from services.plans.lint.messages import unknown

NEEDED = ("district", "towns", "systems", "organisations", "station_types", "calendars")
STATION = "station-1"
WORDS = Bilingual(zh="测试站", en="test station")


@dataclass(frozen=True, slots=True)
class SmallCities:
    """The rules and station types of a city, and the plans of small cities made of them so far."""

    city: City
    _plans: dict[str, Plan] = field(default_factory=dict)

    def every_ms(self, history: HistoryFile) -> int:
        """Returns the interval at which the history's point reports."""
        if history.station == CONTROL or history.point is None:
            return 60_000
        points = {point.code: point for point in self._kind(history.station).item.points}
        if history.point not in points:
            raise HistoryError(unknown(f"point of {history.station}", history.point, points))
        change = history.changes.get(history.point, PointChange())
        return 1000 * (change.every_s or points[history.point].every_s)

    def plans(self, history: HistoryFile, stimuli: tuple[Stimulus, ...]) -> tuple[Plan, ...]:
        """The plan that a history begins with, and one for each of its stimuli that bring another."""
        changes = dict(history.changes)
        found = [self._plan(history, changes)]
        for stimulus in stimuli:
            if stimulus.calibration_due:
                for code, due in stimulus.calibration_due.items():
                    before = changes.get(code, PointChange())
                    changes[code] = before.model_copy(update={"calibration_due": due})
                found.append(self._plan(history, changes))
        return tuple(found)

    def _plan(self, history: HistoryFile, changes: dict[str, PointChange]) -> Plan:
        key = repr((history.rule, history.station, history.traits, sorted(changes.items())))
        if key not in self._plans:
            self._plans[key] = compile_city(self._small(history, changes), keys=())
        return self._plans[key]

    def _small(self, history: HistoryFile, changes: dict[str, PointChange]) -> City:
        rules = tuple(placed for placed in self.city.rules if placed.item.id == history.rule)
        if not rules:
            raise HistoryError(unknown("rule", history.rule, (placed.item.id for placed in self.city.rules)))
        if history.station == CONTROL:
            return replace(self.city, rules=rules, stations=(), station_types=())
        kind, district = self._kind(history.station), self.city.district
        station = StationFile(
            id=STATION,
            type=history.station,
            town=self.city.towns[0].item.code,
            owner=self.city.organisations[0].item.id,
            name=WORDS,
            lat=district.south,
            lon=district.west,
            traits=history.traits,
            points=changes,
        )
        placed = Placed(station, "", ())
        return replace(self.city, rules=rules, stations=(placed,), station_types=(kind,))

    def _kind(self, name: str) -> Placed[StationType]:
        for placed in self.city.station_types:
            if placed.item.type == name:
                return placed
        raise HistoryError(unknown("station type", name, (p.item.type for p in self.city.station_types)))


def load_small_cities(folder: Path) -> SmallCities:
    """The rules, station types and calendars of a city folder; its stations are not looked at.

    Raises:
        CityError: what is read has mistakes.
        OSError: a file cannot be read.
    """
    paths = [*(folder / f"{name}.yaml" for name in NEEDED), *sorted((folder / "rules").glob("*.yaml"))]
    files: dict[str, Any] = {
        path.relative_to(folder).as_posix(): read(path.read_text(encoding="utf-8")).data for path in paths
    }
    city, mistakes = parse(files)
    if city is None:
        raise CityError(tuple(_line(folder, mistake) for mistake in mistakes))
    return SmallCities(city)


def _line(folder: Path, mistake: Mistake) -> str:
    where = ".".join(str(part) for part in mistake.path)
    return f"{folder / mistake.file}: {where}: {mistake.text}"
