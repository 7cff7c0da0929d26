"""Scenes: files that say which faults happen where and when, and their cast in a city."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, model_validator

from schemas.base import Bilingual, FileModel, Id, Severity
from schemas.plan import Plan, Station
from services.runtime.words import ByLanguage, ExplainedError, sentence
from simulators.faults.fault import (
    TEMPLATES,
    ExpectedAlert,
    Fault,
    Site,
    disturbances_of,
    fits,
    reached,
)
from simulators.faults.instrumental import INSTRUMENTAL
from simulators.faults.templates import Template
from simulators.faults.topology import Topology, km_apart
from simulators.faults.words import FAULT
from simulators.networks.disturbances import Envelope
from simulators.networks.station import source_of
from simulators.scenes.words import SCENE

SCENES = Path(__file__).parent
DAY_S = 86_400
Seconds = Annotated[float, Field(ge=0, le=DAY_S)]


class UnknownSceneError(ExplainedError):
    """There is no scene of this name; the message names those that are there."""

    exit_code = 2


class Placement(FileModel):
    """A station: of all that have the points that the fault needs, the ``number``-th by id.

    ``beside`` is the name of another fault of the scene: the nearest station to its place, which
    itself is taken only by name. ``at`` is the name of another fault at whose place this one is, too.
    """

    station: Id | None = None
    system: Id | None = None
    kind: Id | None = None
    town: Id | None = None
    trait: Id | None = None
    point: Id | None = None
    """The fault's own point, for faults of instruments."""
    beside: Id | None = None
    at: Id | None = None
    number: Annotated[int, Field(ge=1)] = 1


class ExpectedFile(FileModel):
    """An alert that should come at each station ``hops`` links from the fault's place that has the point."""

    rule: Id
    severity: Severity
    point: Id
    hops: Annotated[int, Field(ge=0, le=9)] = 0


class FaultFile(FileModel):
    """One fault of a scene. Seconds are city time after the scene's start.

    ``size`` and ``what`` are the template's unless they are given.
    """

    name: Id
    template: Id
    what: Bilingual | None = None
    place: Placement
    begins_s: Seconds
    rise_s: Seconds = 0.0
    hold_s: Seconds
    fall_s: Seconds = 0.0
    size: float | None = None
    expect: list[ExpectedFile] = []

    @property
    def words(self) -> ByLanguage:
        """Its description, in both languages."""
        return FAULT[self.template] if self.what is None else {"zh": self.what.zh, "en": self.what.en}

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.template not in TEMPLATES:
            raise ValueError(f"there is no template {self.template}; there are {', '.join(TEMPLATES)}")
        return self


class Scene(FileModel):
    """Faults that play together, relative to one start."""

    name: Id
    title: Bilingual
    description: Bilingual
    faults: list[FaultFile] = []

    @property
    def lasts_s(self) -> float:
        """Seconds until the last fault has ended, without what lingers."""
        return max((f.begins_s + f.rise_s + f.hold_s + f.fall_s for f in self.faults), default=0.0)


@dataclass(frozen=True, slots=True)
class Cast:
    """A scene's faults at stations of a plan, and the names of those that find no place."""

    faults: tuple[Fault, ...]
    without: tuple[str, ...]


def scene_names() -> list[str]:
    """The names of all scenes, sorted."""
    return sorted(path.stem for path in SCENES.glob("*.yaml"))


def load_scene(name: str) -> Scene:
    """A scene by name.

    Raises:
        UnknownSceneError: no such scene.
        pydantic.ValidationError: its file is wrong.
    """
    names = scene_names()
    if name not in names:
        raise UnknownSceneError(sentence(SCENE, "unknown", scene=name, names=", ".join(names)))
    return Scene.model_validate(yaml.safe_load((SCENES / f"{name}.yaml").read_text("utf-8")), strict=False)


def cast(scene: Scene, plan: Plan, *, start_ms: int) -> Cast:
    """Find the scene's places in the city; the same plan and start give the same faults."""
    topology = Topology(plan)
    places: dict[str, Station] = {}
    faults: list[Fault] = []
    without: list[str] = []
    for file in scene.faults:
        place = _place(file, topology, places)
        fault = None if place is None else _fault(scene, file, topology, place, start_ms)
        if place is None or fault is None:
            without.append(file.name)
        else:
            places[file.name] = place
            faults.append(fault)
    return Cast(tuple(faults), tuple(without))


def _place(file: FaultFile, topology: Topology, places: dict[str, Station]) -> Station | None:
    template = TEMPLATES[file.template]
    if file.place.at is not None:
        same = places.get(file.place.at)
        return same if same is not None and fits(template, same, file.place.point) else None
    taken = {station.station_id for station in places.values()}
    fitting = [
        station
        for station in topology.stations.values()
        if _is_in(file.place, station) and fits(template, station, file.place.point)
    ]
    if file.place.station is None:
        fitting = [station for station in fitting if station.station_id not in taken]
    if file.place.beside is not None:
        other = places.get(file.place.beside)
        if other is None:
            return None
        fitting.sort(key=lambda station: (km_apart(station, other), station.station_id))
    return fitting[file.place.number - 1] if len(fitting) >= file.place.number else None


def _is_in(place: Placement, station: Station) -> bool:
    return (
        not station.virtual
        and place.station in (None, station.station_id)
        and place.system in (None, station.system)
        and place.kind in (None, station.kind)
        and place.town in (None, station.town_code)
        and (place.trait is None or place.trait in station.traits)
    )


def _fault(scene: Scene, file: FaultFile, topology: Topology, place: Station, start_ms: int) -> Fault | None:
    template = TEMPLATES[file.template]
    site = Site(
        topology=topology,
        place=place,
        point=file.place.point or next(iter(template.needs), None),
        envelope=Envelope(
            begins=start_ms + round(file.begins_s * 1000),
            rises_ms=round(file.rise_s * 1000),
            holds_ms=round(file.hold_s * 1000),
            falls_ms=round(file.fall_s * 1000),
        ),
        size=template.size if file.size is None else file.size,
    )
    disturbances = tuple(disturbances_of(template, site))
    if not disturbances:
        return None
    return Fault(
        fault_id=f"{scene.name}:{file.name}:{start_ms}",
        name=file.name,
        scene=scene.name,
        template=file.template,
        nature="instrumental" if file.template in INSTRUMENTAL else "physical",
        what=Bilingual(zh=file.words["zh"], en=file.words["en"]),
        station=place.station_id,
        source=source_of(place),
        begins=site.envelope.begins,
        disturbances=disturbances,
        expected=tuple(_expected(file, template, site)),
    )


def _expected(file: FaultFile, template: Template, site: Site) -> list[ExpectedAlert]:
    return [
        ExpectedAlert(
            rule=expect.rule, severity=expect.severity, station=station.station_id, point=expect.point
        )
        for expect in file.expect
        for station in reached(template, site, hops=expect.hops)
        if expect.point == "station" or any(p.code == expect.point for p in station.points)
    ]
