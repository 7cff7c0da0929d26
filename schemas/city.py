"""The models of the city's files and ``parse``: data of all files in, a city or all mistakes out.

A city is a folder: ``district.yaml towns.yaml systems.yaml organisations.yaml station_types.yaml
calendars.yaml stations/*.yaml rules/*.yaml``. Reading YAML, and knowing its lines, is the caller's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, ValidationError

from schemas.base import Bilingual, FileModel, Id, Name, ReportMode, Severity, SourceStatus
from schemas.plan import Measure, RuleKind

Path = tuple[str | int, ...]
"""Where something stands in a file: keys and indexes from the top."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a file, and what would be right."""

    file: str
    path: Path
    text: str


class District(FileModel):
    """``district.yaml``. The box holds all stations, WGS-84 degrees."""

    code: Id
    name: Bilingual
    time_zone: Name
    west: float
    south: float
    east: float
    north: float


class Town(FileModel):
    """A 镇街 by its 12-digit code."""

    code: Annotated[str, Field(pattern=r"^\d{12}$")]
    name: Bilingual


class System(FileModel):
    """A network: water, gas ... A list, not an enum: another city has others."""

    id: Id
    name: Bilingual


class Organisation(FileModel):
    """Who owns or runs facilities."""

    id: Id
    name: Bilingual


class PointFile(FileModel):
    """A point of a station type. ``range`` is what is physically possible, in ``unit``."""

    code: Id
    name: Bilingual
    unit: Annotated[str, Field(max_length=20)] = ""
    range: Annotated[list[float], Field(min_length=2, max_length=2)]
    every_s: Annotated[int, Field(ge=1, le=86_400)]
    mode: ReportMode = "periodic"
    life_safety: bool = False
    reference: float | None = None
    """Setpoint, design or limit that percentages refer to."""


class StationType(FileModel):
    """What stations of a kind have in common."""

    type: Id
    system: Id
    points: Annotated[list[PointFile], Field(min_length=1)]


class Delays(FileModel):
    """A delay: seconds, or a number of good scans, or both (then both must pass)."""

    s: Annotated[float, Field(ge=0, le=86_400)] = 0
    samples: Annotated[int, Field(ge=1, le=1_000)] = 1


class LevelFile(FileModel):
    """One level of a rule: ``limit`` of a high or low rule, ``low`` and ``high`` of a band."""

    limit: float | None = None
    low: float | None = None
    high: float | None = None
    hysteresis: float | None = None
    """In the rule's unit; else the rule's."""
    on: Delays | None = None
    off: Delays | None = None


class Gate(FileModel):
    """A rule that judges only in these phases of a calendar, from ``after_h`` after their beginning."""

    calendar: Id
    phases: Annotated[list[Id], Field(min_length=1)]
    after_h: Annotated[float, Field(ge=0)] = 0


class RuleFile(FileModel):
    """A rule as people write it (DOMAIN section 11)."""

    id: Id
    title: Bilingual
    guidance: Bilingual
    kind: RuleKind
    measure: Measure = Measure.VALUE
    purpose: Literal["alarm", "entry", "assessment"] = "alarm"
    points: list[Id] = Field(default_factory=list)
    """Point codes that it watches."""
    stations: list[Id] = Field(default_factory=list)
    """Station types that it watches; none: all that have the points."""
    builtin: Id | None = None
    """A point that the engine provides, instead of ``points``."""
    unit: Annotated[str, Field(max_length=20)]
    life_safety: bool = False
    levels: Annotated[dict[Severity, LevelFile], Field(min_length=1)]
    hysteresis: float | None = None
    hysteresis_pct: Annotated[float, Field(gt=0, lt=100)] | None = None
    """Instead of ``hysteresis``: percent of each limit."""
    on: Delays = Delays()
    off: Delays = Delays()
    gate: Gate | None = None
    latch: Literal["none", "above", "below", "both"] = "none"
    re_alarm_min: Annotated[float, Field(gt=0)] | None = None
    reoccurrence_min: Annotated[float, Field(ge=0)] = 30
    source: Name
    source_status: SourceStatus


class OverrideFile(FileModel):
    """A point's own limits for one rule: value, reason, approver, end.

    Levels, and fields of levels, that are not named stay the rule's.
    """

    rule: Id
    levels: Annotated[dict[Severity, LevelFile], Field(min_length=1)]
    reason: Name
    approver: Id
    expires: date | None = None
    """The last local day on which it holds."""


class PointChange(FileModel):
    """What a station's point has of its own, different from its type."""

    every_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    reference: float | None = None
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    overrides: list[OverrideFile] = Field(default_factory=list)


class StationFile(FileModel):
    """A station: its type gives the points, ``points`` changes some of them."""

    id: Id
    type: Id
    town: Annotated[str, Field(pattern=r"^\d{12}$")]
    owner: Id
    name: Bilingual
    lat: float
    lon: float
    address: Bilingual | None = None
    points: dict[Id, PointChange] = Field(default_factory=dict)


class Phase(FileModel):
    """A phase of a calendar: local dates, from the beginning of ``start`` to that of ``end``."""

    phase: Id
    start: date
    end: date


class Calendar(FileModel):
    """A named calendar, for example ``heating``. ``source`` says where its dates come from."""

    calendar: Id
    source: Name
    phases: Annotated[list[Phase], Field(min_length=1)]


class _Towns(FileModel):
    towns: list[Town]


class _Systems(FileModel):
    systems: list[System]


class _Organisations(FileModel):
    organisations: list[Organisation]


class _StationTypes(FileModel):
    station_types: list[StationType]


class _Stations(FileModel):
    stations: list[StationFile]


class _Rules(FileModel):
    rules: list[RuleFile]


class _Calendars(FileModel):
    calendars: list[Calendar]


Item = TypeVar("Item", bound=FileModel)


@dataclass(frozen=True, slots=True)
class Placed(Generic[Item]):
    """An item and where it stands."""

    item: Item
    file: str
    path: Path

    def mistake(self, text: str, *inside: str | int) -> Mistake:
        """A mistake at, or inside, this item."""
        return Mistake(self.file, (*self.path, *inside), text)


@dataclass(frozen=True, slots=True)
class City:
    """All that the files say, each item with its place."""

    district: District
    towns: tuple[Placed[Town], ...]
    systems: tuple[Placed[System], ...]
    organisations: tuple[Placed[Organisation], ...]
    station_types: tuple[Placed[StationType], ...]
    stations: tuple[Placed[StationFile], ...]
    rules: tuple[Placed[RuleFile], ...]
    calendars: tuple[Placed[Calendar], ...]


LISTS: dict[str, tuple[str, type[FileModel]]] = {
    "towns.yaml": ("towns", _Towns),
    "systems.yaml": ("systems", _Systems),
    "organisations.yaml": ("organisations", _Organisations),
    "station_types.yaml": ("station_types", _StationTypes),
    "calendars.yaml": ("calendars", _Calendars),
}
FOLDERS: dict[str, tuple[str, type[FileModel]]] = {
    "stations": ("stations", _Stations),
    "rules": ("rules", _Rules),
}


def parse(files: Mapping[str, Any]) -> tuple[City | None, list[Mistake]]:
    """The city of all files' data, by relative file name; or no city and every mistake of shape.

    What the files say about each other is ``services.plans.lint``'s to judge.
    """
    missing = sorted({"district.yaml", *LISTS} - set(files))
    mistakes = [Mistake(file, (), "the file is missing") for file in missing]
    found: dict[str, list[Placed[Any]]] = {name: [] for name, _ in (*LISTS.values(), *FOLDERS.values())}
    district: District | None = None
    for file, data in sorted(files.items()):
        if file == "district.yaml":
            district = _model(District, file, data, mistakes)
            continue
        kind = LISTS.get(file) or FOLDERS.get(file.split("/")[0])
        if kind is None:
            known = ", ".join((*LISTS, *(f"{folder}/*.yaml" for folder in FOLDERS)))
            mistakes.append(Mistake(file, (), f"no such file in a city; there are {known}"))
            continue
        name, model = kind
        whole = _model(model, file, data, mistakes)
        items = getattr(whole, name) if whole is not None else ()
        found[name] += [Placed(item, file, (name, index)) for index, item in enumerate(items)]
    if district is None or mistakes:
        return None, mistakes
    return City(district, **{name: tuple(items) for name, items in found.items()}), []


Model = TypeVar("Model", bound=FileModel)


def _model(model: type[Model], file: str, data: Any, mistakes: list[Mistake]) -> Model | None:
    """Validated as JSON, whose strictness knows dates and enumerations as text."""
    try:
        return model.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        mistakes += [
            Mistake(file, tuple(part for part in e["loc"] if part != "[key]"), _words(e["msg"], e["input"]))
            for e in error.errors(include_url=False, include_context=False)
        ]
        return None


def _words(message: str, given: Any) -> str:
    shown = json.dumps(given, ensure_ascii=False, default=str)
    return message if len(shown) > 60 else f"{message}, found {shown}"
