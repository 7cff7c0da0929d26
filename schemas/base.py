"""The vocabulary of types that every message is made of."""

from dataclasses import dataclass
from enum import StrEnum
from math import cos, hypot, radians
from typing import Annotated, Literal, get_args

from msgspec import Meta
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MIN_TIME_MS = 946_684_800_000
"""2000-01-01T00:00:00Z: no event of this system can be older."""
MAX_TIME_MS = 4_102_444_800_000
"""2100-01-01T00:00:00Z."""

ID_PATTERN = r"^[A-Za-z0-9_.:-]{1,64}$"
NO_NUL = r"^[^\x00]*$"
NO_CONTROLS = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
"""An identifier of ours: station, point, source, rule, person."""
TimeMs = Annotated[int, Field(ge=MIN_TIME_MS, le=MAX_TIME_MS)]
"""Epoch milliseconds, UTC, between 2000 and 2100."""
Text = Annotated[str, StringConstraints(max_length=2_000, pattern=NO_CONTROLS)]
"""Free text of a person: at most 2,000 characters, no control characters but tab and new line."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

MAX_INT32, MAX_INT64 = 2**31 - 1, 2**63 - 1
Int32 = Annotated[int, Meta(ge=0, le=MAX_INT32)]
"""A number of an output that the database keeps in an ``integer``."""
Int64 = Annotated[int, Meta(ge=0, le=MAX_INT64)]
"""One that it keeps in a ``bigint``, such as an offset."""
EpochMs = Annotated[int, Meta(ge=0, le=MAX_TIME_MS)]
"""Epoch milliseconds of an output, until 2100. What a device told may be of 1970."""
OutputId = Annotated[str, Meta(max_length=256)]
"""An id in an output. Ours are shorter; an entry of a database's index takes about 2,700 bytes."""


class Wire(BaseModel):
    """Base of events: strict types, unknown fields ignored, immutable."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False)


class FileModel(BaseModel):
    """Base of what is read from files: unknown fields are mistakes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """The same words in Chinese and in English: a name, a headline, what to do."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=False)

    zh: Name
    en: Name


class Severity(StrEnum):
    """Alert priority (DOMAIN section 10), from the operator's point of view."""

    NOTICE = "notice"
    WARN = "warn"
    MAJOR = "major"
    CRITICAL = "critical"


SEVERITIES: tuple[Severity, ...] = tuple(Severity)
"""Severities from the least to the most urgent."""
SEVERITY_RANK: dict[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}

Quality = Literal["good", "uncertain", "bad", "substituted"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)
Nature = Literal["real", "simulated", "exercise"]
NATURES: tuple[Nature, ...] = get_args(Nature)
ReportMode = Literal["periodic", "on_change", "burst", "inspected"]
"""``inspected``: told by people, whenever they have looked; never silent."""
SourceStatus = Literal["cited", "secondary", "unverified", "judgement"]
ClockMode = Literal["wall", "log"]

KM_PER_DEGREE = 111.2
"""Of latitude; of longitude at the equator."""


def km_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two places of a district (degrees north and east): a plane is exact enough."""
    north = one[0] - other[0]
    east = (one[1] - other[1]) * cos(radians(one[0]))
    return KM_PER_DEGREE * hypot(north, east)
