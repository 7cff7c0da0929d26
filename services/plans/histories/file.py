"""History tests of rules as people write them: ``histories/*.yaml`` of a city.

A history says what a station's instruments read, one after the other, and every transition that the
rule's alerts must make of it. Durations are written ``90s``, ``2min``, ``1h30min``, ``2d``.

``read`` is a list of readings of ``point``, the first at the start, each ``every_s`` after the one before:

========================  ==============================================================
``9.5``                   one reading
``9.5 x4``                four such readings
``9..12 x4``              four readings from 9 to 12 in equal steps
``9.5 bad``, ``9.5 bad x2``  readings of that quality (uncertain, substituted)
``null``, ``null x2``     scans without a value
``silent x3``             no scan for three intervals
``every 60s``             from here on the interval is another
``after 899s``            the next reading comes so long after the one before
========================  ==============================================================

``with`` are points that read the same in all these scans. ``steps`` are scans of several points, or what
else happens, at a time from the start. ``expect`` lists transitions in order: ``45s raised warn``,
``2min cleared``, ``3h held``; a severity or an ``@point`` that is not named may be any.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.alerts import TransitionReason
from schemas.base import FileModel, Id, Name, Quality, Severity
from schemas.city.stations import PointChange

CONTROL = "control"
"""Station type of the built-in stations that watch the input itself."""
USUAL_START = "2026-01-13 12:00"

Amount = int | float | str | None
LocalDateTime = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$")]


class InspectedFile(FileModel):
    """An inspection. ``made``: how long ago, if not now."""

    point: Id
    grade: Literal["I", "II", "III", "IV"] | None = None
    defect: Id | None = None
    made: str = "0s"


class StepFile(FileModel):
    """A scan, an inspection or new dates, at a time from the start; the device's clock is ``ahead``."""

    at: str
    values: dict[Id, Amount] = Field(default_factory=dict)
    ahead: str = "0s"
    inspected: InspectedFile | None = None
    calibration_due: dict[Id, date] = Field(default_factory=dict)
    """A new plan with these dates."""


class HistoryFile(FileModel):
    """A history of one rule at one station. ``start`` is local time, ``until`` from the start."""

    rule: Id
    name: Name
    station: Id
    traits: list[Id] = Field(default_factory=list)
    changes: dict[Id, PointChange] = Field(default_factory=dict)
    """Fields of points that this station has otherwise than its type."""
    point: Id | None = None
    start: LocalDateTime = USUAL_START
    every_s: Annotated[int, Field(ge=1)] | None = None
    """None: as often as the point reports."""
    given: Annotated[dict[Id, float], Field(alias="with")] = Field(default_factory=dict)
    read: list[Amount] = Field(default_factory=list)
    steps: list[StepFile] = Field(default_factory=list)
    until: str | None = None
    expect: list[str]


class HistoriesFile(FileModel):
    """One file of histories."""

    histories: list[HistoryFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulus:
    """An input ``at`` ms after the start: a scan, an inspection, or another plan."""

    at: int
    values: dict[str, float | None]
    quality: dict[str, Quality]
    ahead: int = 0
    """Of the device's clock, ms."""
    inspected: InspectedFile | None = None
    made_ms: int = 0
    """The age of the inspection."""
    calibration_due: dict[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedTransition:
    """A transition ``at`` ms after the start; None: any."""

    at: int
    reason: TransitionReason
    severity: Severity | None
    point: str | None


class HistoryError(ValueError):
    """A history is not written as it must be."""


_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)min)?(?:(\d+(?:\.\d+)?)s)?")
_NUMBER = r"-?\d+(?:\.\d+)?"
_READING = re.compile(
    rf"(?P<what>silent|null|(?P<first>{_NUMBER})(?:\.\.(?P<last>{_NUMBER}))?)"
    r"(?: (?P<quality>bad|uncertain|substituted))?(?: x(?P<times>\d+))?"
)
_PACE = re.compile(r"(?P<word>every|after) (?P<time>[\w.]+)")
_EXPECTED = re.compile(r"(?P<at>[\w.]+) (?P<reason>[a-z_]+)(?: (?P<severity>[a-z]+))?(?: @(?P<point>\S+))?")


def duration_ms(text: str) -> int:
    """``1h30min`` in ms.

    Raises:
        HistoryError: it is no duration.
    """
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        raise HistoryError(f"{text!r} is no duration, for example 90s, 2min, 1h30min, 2d")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return round(1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days))))


def stimuli_of(history: HistoryFile, *, every_ms: int) -> tuple[Stimulus, ...]:
    """Returns all inputs in order; the point reports every ``every_ms``.

    Raises:
        HistoryError: something in the history cannot be read.
    """
    if history.read and history.point is None:
        raise HistoryError("read needs a point")
    found = [*_readings(history, every_ms), *(_step(step) for step in history.steps)]
    return tuple(sorted(found, key=lambda stimulus: stimulus.at))


def until_ms(history: HistoryFile, stimuli: tuple[Stimulus, ...]) -> int:
    """Returns the end of the history, ms after its start: its last stimulus, unless it says."""
    last = stimuli[-1].at if stimuli else 0
    return last if history.until is None else duration_ms(history.until)


def expected_of(history: HistoryFile) -> tuple[ExpectedTransition, ...]:
    """Returns the transitions that must come, and no others.

    Raises:
        HistoryError: one cannot be read.
    """
    return tuple(_expected(line) for line in history.expect)


def _expected(line: str) -> ExpectedTransition:
    found = _EXPECTED.fullmatch(line)
    if found is None:
        raise HistoryError(f"{line!r} is no transition, for example '45s raised warn'")
    severity = found["severity"]
    try:
        return ExpectedTransition(
            at=duration_ms(found["at"]),
            reason=TransitionReason(found["reason"]),
            severity=None if severity is None else Severity(severity),
            point=found["point"],
        )
    except ValueError as error:
        raise HistoryError(f"{line!r}: {error}") from None


def _readings(history: HistoryFile, every_ms: int) -> Iterator[Stimulus]:
    every = history.every_s * 1000 if history.every_s else every_ms
    at, once = -every, 0
    for token in history.read:
        text = "null" if token is None else str(token)
        pace = _PACE.fullmatch(text)
        if pace is not None:
            given = duration_ms(pace["time"])
            every, once = (given, 0) if pace["word"] == "every" else (every, given)
            at = -every if at < 0 else at
            continue
        for amount, quality in _amounts(text):
            at, once = at + (once or every), 0
            if amount != "silent":
                yield _scan(history, at, amount, quality)


def _scan(history: HistoryFile, at: int, amount: float | None, quality: Quality) -> Stimulus:
    assert history.point is not None
    told: dict[str, Quality] = {} if quality == "good" else {history.point: quality}
    values = {**history.given, history.point: amount}
    return Stimulus(at=at, values=values, quality=told)


def _amounts(text: str) -> Iterator[tuple[float | Literal["silent"] | None, Quality]]:
    found = _READING.fullmatch(text)
    if found is None:
        raise HistoryError(f"{text!r} is no reading, for example 9.5, '9.5 x4', '9..12 x4', '9.5 bad'")
    times = int(found["times"] or 1)
    quality: Quality = found["quality"] or "good"  # type: ignore[assignment]  # by the pattern
    for number in range(times):
        if found["first"] is None:
            yield ("silent" if found["what"] == "silent" else None), quality
            continue
        first = float(found["first"])
        step = (float(found["last"]) - first) / (times - 1) if found["last"] and times > 1 else 0.0
        yield round(first + number * step, 9), quality


def _step(step: StepFile) -> Stimulus:
    quality: dict[str, Quality] = {}
    values: dict[str, float | None] = {}
    for code, amount in step.values.items():
        ((value, told),) = _amounts("null" if amount is None else str(amount))
        assert value != "silent", "a step leaves out what is silent"
        values[code] = value
        if told != "good":
            quality[code] = told
    return Stimulus(
        at=duration_ms(step.at),
        values=values,
        quality=quality,
        ahead=duration_ms(step.ahead),
        inspected=step.inspected,
        made_ms=0 if step.inspected is None else duration_ms(step.inspected.made),
        calibration_due=step.calibration_due,
    )
