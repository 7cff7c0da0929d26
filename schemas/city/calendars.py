"""Files of calendars: dated phases, daily ones, and what refers to them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from schemas.base import FileModel, Id, Name

DailyTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^(sunrise|sunset)([+-]\d{1,3})?$")]
"""A local time (``23:30``), or minutes from the sun's rise or set (``sunrise+15``, ``sunset``)."""


class Phases(FileModel):
    """Some phases of a calendar."""

    calendar: Id
    phases: Annotated[list[Id], Field(min_length=1)]


class Phase(FileModel):
    """A phase of a calendar: local dates, from the beginning of ``start`` to that of ``end``."""

    phase: Id
    start: date
    end: date


class DailyPhase(FileModel):
    """A phase that comes every day, from ``start`` to ``end``, or to ``latest`` if that is earlier.

    Times before noon belong to the day after the evening. A phase that ends before it begins (the
    morning lamps of June) is left out that day.
    """

    phase: Id
    start: DailyTime
    end: DailyTime
    latest: DailyTime | None = None


class Daily(FileModel):
    """Phases of each evening from ``first`` to ``last`` and of the day after it; the sun's by a place."""

    first: date
    last: date
    lat: float
    lon: float
    phases: Annotated[list[DailyPhase], Field(min_length=1)]


class Calendar(FileModel):
    """A named calendar: dated ``phases`` (heating), or ``daily`` ones (lamps).

    ``source`` says where its dates come from.
    """

    calendar: Id
    source: Name
    phases: list[Phase] = Field(default_factory=list)
    daily: Daily | None = None
