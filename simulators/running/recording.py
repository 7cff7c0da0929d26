"""A recorded series from a CSV file with the columns ``timestamp,value``, and how units are converted."""

import csv
import math
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from pathlib import Path
from statistics import median

from schemas.base import MAX_TIME_MS, MIN_TIME_MS
from services.runtime.words import ExplainedError

COLUMNS = ["timestamp", "value"]


class RecordingError(ExplainedError):
    """The file cannot be replayed; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """A reading of the file in its own unit: event time (epoch ms) and value."""

    line: int
    at: int
    value: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line that is no reading, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Recording:
    """The readings in the file's order, and what is remarkable about them.

    ``repeated`` rows bear a stamp that came before; ``backward`` ones are older than what came
    before without being repeats. Both are part of the series and are replayed as they are.
    """

    rows: tuple[Row, ...]
    dropped: tuple[Dropped, ...]
    repeated: int
    backward: int

    @property
    def first_at(self) -> int:
        """The oldest stamp."""
        return min(row.at for row in self.rows)

    @property
    def last_at(self) -> int:
        """The newest stamp."""
        return max(row.at for row in self.rows)

    def interval_s(self) -> int:
        """The usual distance of stamps in seconds (median, at least 1)."""
        stamps = sorted({row.at for row in self.rows})
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
                raise RecordingError(f"{path}: the first line must be timestamp,value; it is {header}")
            read = [_row(lines.line_num, cells, zone) for cells in lines if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RecordingError(f"{path} cannot be read: {error}") from error
    rows = tuple(row for row in read if isinstance(row, Row))
    if not rows:
        raise RecordingError(f"{path} holds no reading")
    repeated, backward = _remarkable(rows)
    return Recording(rows, tuple(r for r in read if isinstance(r, Dropped)), repeated, backward)


def _row(line: int, cells: list[str], zone: tzinfo) -> Row | Dropped:
    if len(cells) != len(COLUMNS):
        return Dropped(line, f"{len(cells)} columns")
    stamp, number = cells
    try:
        moment = datetime.fromisoformat(stamp.strip())
    except ValueError:
        return Dropped(line, f"not a time: {stamp[:40]!r}")
    try:
        value = float(number)
    except ValueError:
        return Dropped(line, f"not a number: {number[:40]!r}")
    if not math.isfinite(value):
        return Dropped(line, f"not a number: {number[:40]!r}")
    at = round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
    if not MIN_TIME_MS <= at <= MAX_TIME_MS:
        return Dropped(line, f"outside 2000 to 2100: {stamp[:40]!r}")
    return Row(line, at, value)


def _remarkable(rows: tuple[Row, ...]) -> tuple[int, int]:
    seen: set[int] = set()
    newest = repeated = backward = 0
    for row in rows:
        if row.at in seen:
            repeated += 1
        elif row.at < newest:
            backward += 1
        seen.add(row.at)
        newest = max(newest, row.at)
    return repeated, backward


@dataclass(frozen=True, slots=True)
class Conversion:
    """``converted = value * scale + shift``, rounded to nine digits against the noise of binary."""

    scale: float
    shift: float = 0.0

    def __call__(self, value: float) -> float:
        """The value in the other unit."""
        if self.scale == 1.0 and self.shift == 0.0:
            return value
        return round(value * self.scale + self.shift, 9)


class UnknownConversionError(ExplainedError):
    """There is no conversion between the two units; the message names those that there are."""


ALIASES = {"°C": "degC", "C": "degC", "℃": "degC", "°F": "degF", "F": "degF", "℉": "degF"}
_TO_KELVIN = {"K": (1.0, 0.0), "degC": (1.0, 273.15), "degF": (5 / 9, 459.67 * 5 / 9)}
_TO_PASCAL = {"Pa": 1.0, "kPa": 1e3, "MPa": 1e6, "bar": 1e5, "psi": 6_894.757293168}


def conversion(origin: str, target: str) -> Conversion:
    """How to come from ``origin`` to ``target``.

    Raises:
        UnknownConversionError: the units do not measure the same, or one is unknown.
    """
    start, end = ALIASES.get(origin, origin), ALIASES.get(target, target)
    if start == end:
        return Conversion(1.0)
    if start in _TO_KELVIN and end in _TO_KELVIN:
        (scale, shift), (end_scale, end_shift) = _TO_KELVIN[start], _TO_KELVIN[end]
        return Conversion(scale / end_scale, (shift - end_shift) / end_scale)
    if start in _TO_PASCAL and end in _TO_PASCAL:
        return Conversion(_TO_PASCAL[start] / _TO_PASCAL[end])
    temperatures, pressures = "/".join(_TO_KELVIN), "/".join(_TO_PASCAL)
    raise UnknownConversionError(
        f"no conversion from {origin} to {target}: there are {temperatures} and {pressures}"
    )
