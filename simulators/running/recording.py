"""A recorded series from a CSV file with the columns ``timestamp,value``, and how units are converted."""

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from pathlib import Path
from statistics import median

from schemas.base import MAX_TIME_MS, MIN_TIME_MS
from services.runtime.words import ByLanguage, ExplainedError, sentence
from simulators.running.words import DROPPED, REFUSED

COLUMNS = ["timestamp", "value"]


class RecordingError(ExplainedError):
    """The file cannot be replayed; the message says why."""


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """A reading of the file in its own unit: event time (epoch ms) and value."""

    line: int
    at: int
    value: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line that is no reading, and why."""

    line: int
    reason: ByLanguage


@dataclass(frozen=True, slots=True)
class Recording:
    """The readings in the file's order, and what is remarkable about them.

    ``repeated`` ones bear a stamp that came before; ``backward`` ones are older than what came
    before without being repeats. Both are part of the series and are replayed as they are.
    """

    values: tuple[RecordedValue, ...]
    dropped: tuple[Dropped, ...]
    repeated: int
    backward: int

    @property
    def first_at(self) -> int:
        """The oldest stamp."""
        return min(one.at for one in self.values)

    @property
    def last_at(self) -> int:
        """The newest stamp."""
        return max(one.at for one in self.values)

    def interval_s(self) -> int:
        """The usual distance of stamps in seconds (median, at least 1)."""
        stamps = sorted({one.at for one in self.values})
        steps = [later - earlier for earlier, later in pairwise(stamps)]
        return max(1, round(median(steps) / 1000)) if steps else 1


def read_recording(path: Path, zone: tzinfo) -> Recording:
    """Read ``path``; stamps without an offset are in ``zone``.

    Raises:
        RecordingError: no such file, other columns, or not a single reading.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            header = [cell.strip() for cell in next(lines, [])]
            if header != COLUMNS:
                raise RecordingError(sentence(REFUSED, "columns", file=path, header=header))
            read = [_read(lines.line_num, cells, zone) for cells in lines if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(sentence(REFUSED, "unreadable", file=path, why=error)) from error
    values = tuple(one for one in read if isinstance(one, RecordedValue))
    if not values:
        raise RecordingError(sentence(REFUSED, "no_reading", file=path))
    repeated, backward = _remarkable(values)
    return Recording(values, tuple(one for one in read if isinstance(one, Dropped)), repeated, backward)


def _read(line: int, cells: list[str], zone: tzinfo) -> RecordedValue | Dropped:
    if len(cells) != len(COLUMNS):
        return Dropped(line, sentence(DROPPED, "columns", count=len(cells)))
    stamp, number = cells
    try:
        time = datetime.fromisoformat(stamp.strip())
    except ValueError:
        return Dropped(line, sentence(DROPPED, "time", text=stamp[:40]))
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        return Dropped(line, sentence(DROPPED, "number", text=number[:40]))
    at = round((time if time.tzinfo else time.replace(tzinfo=zone)).timestamp() * 1000)
    if not MIN_TIME_MS <= at <= MAX_TIME_MS:
        return Dropped(line, sentence(DROPPED, "year", text=stamp[:40]))
    return RecordedValue(line, at, value)


def _remarkable(values: tuple[RecordedValue, ...]) -> tuple[int, int]:
    seen: set[int] = set()
    newest = repeated = backward = 0
    for one in values:
        if one.at in seen:
            repeated += 1
        elif one.at < newest:
            backward += 1
        seen.add(one.at)
        newest = max(newest, one.at)
    return repeated, backward


class UnknownConversionError(ExplainedError):
    """There is no conversion between the two units; the message names those that there are."""


ALIASES = {"°C": "degC", "C": "degC", "℃": "degC", "°F": "degF", "F": "degF", "℉": "degF"}
_TO_KELVIN = {"K": (1.0, 0.0), "degC": (1.0, 273.15), "degF": (5 / 9, 459.67 * 5 / 9)}
_TO_PASCAL = {
    "Pa": (1.0, 0.0),
    "kPa": (1e3, 0.0),
    "MPa": (1e6, 0.0),
    "bar": (1e5, 0.0),
    "psi": (6_894.757293168, 0.0),
}
"""Scale and shift to the first unit of the table."""


def conversion(origin: str, target: str) -> Callable[[float], float]:
    """The function from ``origin`` to ``target``; it rounds to nine digits against the noise of binary.

    Raises:
        UnknownConversionError: the units do not measure the same, or one is unknown.
    """
    start, end = ALIASES.get(origin, origin), ALIASES.get(target, target)
    if start == end:
        return lambda value: value
    for units in (_TO_KELVIN, _TO_PASCAL):
        if start in units and end in units:
            (scale, shift), (end_scale, end_shift) = units[start], units[end]
            scale, shift = scale / end_scale, (shift - end_shift) / end_scale
            return lambda value: round(value * scale + shift, 9)
    known = {"temperatures": "/".join(_TO_KELVIN), "pressures": "/".join(_TO_PASCAL)}
    raise UnknownConversionError(sentence(REFUSED, "conversion", origin=origin, target=target, **known))
