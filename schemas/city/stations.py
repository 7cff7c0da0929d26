"""Files of station types and stations, and what a station has of its own."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Bilingual, FileModel, Id, Name, ReportMode, Severity
from schemas.city.calendars import Phases
from schemas.city.places import Phone, TownCode
from schemas.city.rules import LevelFile


class RatioFile(FileModel):
    """100 x ``part`` / ``whole``, both read in the same scan."""

    part: Id
    whole: Id


class ShareFile(FileModel):
    """Percent of the points that are in ``state``.

    ``expected`` names members that count only in some phases (a lamp circuit that is meant to be lit).
    """

    points: Annotated[list[Id], Field(min_length=1)]
    state: int
    expected: dict[Id, Phases] = Field(default_factory=dict)


class ScheduledFile(Phases):
    """In these phases the point's reference counts ``share`` times (half the lamps: 0.5)."""

    share: Annotated[float, Field(gt=0, le=1)]


class FlatlineFile(FileModel):
    """A working instrument moves by ``least`` or more within ``within_s``; one that does not may be stuck."""

    least: Annotated[float, Field(gt=0)]
    within_s: Annotated[int, Field(ge=60, le=30 * 86_400)]


class PointFile(FileModel):
    """A point of a station type. ``range`` is what is physically possible, in ``unit``.

    ``ratio`` or ``share``: no device reports it, the engine computes it from other points.
    """

    code: Id
    name: Bilingual
    unit: Annotated[str, Field(max_length=20)] = ""
    range: Annotated[list[float], Field(min_length=2, max_length=2)]
    every_s: Annotated[int, Field(ge=1, le=86_400)]
    mode: ReportMode = "periodic"
    life_safety: bool = False
    reference: float | None = None
    """Setpoint, design or limit that percentages refer to."""
    resolution: Annotated[float, Field(gt=0)] | None = None
    """The smallest step of its readings, in ``unit``."""
    flatline: FlatlineFile | None = None
    states: dict[int, Bilingual] = Field(default_factory=dict)
    """Words for the values of a point that reports states."""
    ratio: RatioFile | None = None
    share: ShareFile | None = None
    schedule: list[ScheduledFile] = Field(default_factory=list)


class StationType(FileModel):
    """A type of stations: all that they have in common."""

    type: Id
    system: Id
    needs: list[Literal["feeder", "consumer", "neighbour"]] = Field(default_factory=list)
    """What each such station has in ``links.yaml``: something that feeds it, something that it feeds, or
    something beside it."""
    points: Annotated[list[PointFile], Field(min_length=1)]


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
    """The fields in which a station's point differs from its type."""

    every_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    reference: float | None = None
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    resolution: Annotated[float, Field(gt=0)] | None = None
    flatline: FlatlineFile | None = None
    calibration_due: date | None = None
    """The last local day before the instrument's calibration is overdue."""
    overrides: list[OverrideFile] = Field(default_factory=list)


class StationFile(FileModel):
    """A station: its type gives the points, ``points`` changes some of them."""

    id: Id
    type: Id
    town: TownCode
    owner: Id
    name: Bilingual
    lat: float
    lon: float
    address: Bilingual | None = None
    landmark: Bilingual | None = None
    duty_phone: Phone | None = None
    access_note: Bilingual | None = None
    protection_zone: bool = False
    traits: list[Id] = Field(default_factory=list)
    road: Id | None = None
    serves_people: Annotated[int, Field(ge=0)] | None = None
    serves_m2: Annotated[float, Field(ge=0)] | None = None
    upload_every_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    """How often a logger sends what it has read meanwhile; without it each reading comes as it is read."""
    points: dict[Id, PointChange] = Field(default_factory=dict)
