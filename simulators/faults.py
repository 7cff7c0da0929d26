"""Faults injected into the simulated city: when, where and what they do to the readings."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, inf, radians
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field

from schemas.base import Bilingual, FileModel, Id
from schemas.plan import Station

SCENES = Path(__file__).parent / "scenes"
Seconds = Annotated[float, Field(ge=0, le=86_400)]


class Place(FileModel):
    """Which station: the first by id with this point, or the nearest one to another fault's."""

    system: Id
    point: Id
    beside: Id | None = None


class FaultFile(FileModel):
    """One fault of a scene: the points move to ``peaks``, stay there and come back."""

    name: Id
    what: Bilingual
    place: Place
    begins_s: Seconds
    rise_s: Seconds
    hold_s: Seconds
    fall_s: Seconds
    peaks: Annotated[dict[Id, float], Field(min_length=1)]


class Scene(FileModel):
    """Faults that play together, relative to one start."""

    name: Id
    faults: list[FaultFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault at its station, in epoch ms of city time."""

    name: str
    what_zh: str
    what_en: str
    station: str
    begins: int
    rises_ms: int
    holds_ms: int
    falls_ms: int
    peaks: dict[str, float]

    @property
    def ends(self) -> int:
        """From here on the readings are normal again."""
        return self.begins + self.rises_ms + self.holds_ms + self.falls_ms

    def share(self, at_ms: int) -> float:
        """How far the readings have moved to their peaks, in [0, 1]: a trapezium."""
        into = at_ms - self.begins
        left = self.ends - at_ms
        if into <= 0 or left <= 0:
            return 0.0
        rise = into / self.rises_ms if self.rises_ms else inf
        fall = left / self.falls_ms if self.falls_ms else inf
        return min(1.0, rise, fall)

    def applied(self, code: str, normal: float, at_ms: int) -> float:
        """The reading of point ``code`` under the fault."""
        peak = self.peaks.get(code)
        if peak is None:
            return normal
        return normal + (peak - normal) * self.share(at_ms)


def load_scene(name: str) -> Scene:
    """A scene of ``simulators/scenes`` by name.

    Raises:
        FileNotFoundError, pydantic.ValidationError: no such scene, or it is wrong.
    """
    return Scene.model_validate(yaml.safe_load((SCENES / f"{name}.yaml").read_text("utf-8")))


def cast(scene: Scene, stations: Iterable[Station], *, start_ms: int) -> tuple[list[Fault], list[str]]:
    """The scene's faults at stations of the plan, and the names of those that find no place."""
    ordered = sorted(stations, key=lambda station: station.station_id)
    found: dict[str, tuple[Station, Fault]] = {}
    without: list[str] = []
    for fault in scene.faults:
        station = _placed(fault.place, ordered, found)
        if station is None:
            without.append(fault.name)
        else:
            found[fault.name] = station, _fault(fault, station, start_ms)
    return [fault for _, fault in found.values()], without


def _placed(place: Place, ordered: list[Station], found: dict[str, tuple[Station, Fault]]) -> Station | None:
    fitting = [
        station
        for station in ordered
        if station.system == place.system and any(p.code == place.point for p in station.points)
    ]
    if place.beside in found:
        neighbour = found[place.beside][0]
        return min(fitting, key=lambda station: _distance(station, neighbour), default=None)
    return fitting[0] if fitting else None


def _distance(one: Station, other: Station) -> float:
    """Degrees of latitude between two stations, near enough within a district; unknown: far."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return inf
    return hypot(one.lat - other.lat, (one.lon - other.lon) * cos(radians(one.lat)))


def _fault(file: FaultFile, station: Station, start_ms: int) -> Fault:
    return Fault(
        name=file.name,
        what_zh=file.what.zh,
        what_en=file.what.en,
        station=station.station_id,
        begins=start_ms + round(file.begins_s * 1000),
        rises_ms=round(file.rise_s * 1000),
        holds_ms=round(file.hold_s * 1000),
        falls_ms=round(file.fall_s * 1000),
        peaks=file.peaks,
    )
