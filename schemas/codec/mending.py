"""Frames that are not quite as they should be: nothing among them costs more than itself.

What a device sends beside a reading must not hide it: a text among the values, a foreign code, a counter that
is no number. Each oddity is left out, or guessed where the frame needs something in its place, and noted.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from schemas.base import ID_PATTERN, NATURES, QUALITIES
from schemas.events import MendedTelemetry

NO_TIME = 0
"""Stands for a time that is none: the engine takes it for a clock that was reset."""
MAX_SHOWN = 40
_INT64 = range(-(2**63), 2**63)
_id = re.compile(ID_PATTERN).fullmatch


def mend(value: bytes) -> MendedTelemetry | None:
    """Return the frame without its oddities; None: no frame is left, or it is not JSON of one."""
    try:
        raw = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("scans"), list):
        return None
    refused: list[str] = []
    raw["scans"] = [scan for one in raw["scans"] if (scan := _scan(one, refused)) is not None]
    _mend_counters(raw, refused)
    try:
        return MendedTelemetry.model_validate({**raw, "refused": tuple(refused)})
    except ValidationError:
        return None


def _mend_counters(raw: dict[str, Any], refused: list[str]) -> None:
    """What only tells streams apart, or says too little: a wrong one is as good as none."""
    source, boot, seq, nature = (raw.get(name) for name in ("source", "boot", "seq", "nature"))
    if nature is not None and nature not in NATURES:
        refused.append(f"nature {_shown(nature)}")
        nature = None
    raw["nature"] = nature or "real"
    if not _is_id(source):
        refused.append(f"source {_shown(source)}")
        raw["source"] = "unknown"
    if boot is not None and not _is_id(boot):
        refused.append(f"boot {_shown(boot)}")
        raw["boot"] = None
    if (_whole(seq) or 0) < 0 or _whole(seq) is None:
        refused.append(f"seq {_shown(seq)}")
        seq = 0
    raw["seq"] = _whole(seq)
    raw["sent_at"] = _time("sent_at", raw.get("sent_at"), refused)


def _scan(raw: object, refused: list[str]) -> dict[str, Any] | None:
    """A scan with the values that are some; None: it is no scan."""
    if not isinstance(raw, dict) or not isinstance(raw.get("values"), dict):
        refused.append(f"scan {_shown(raw)}")
        return None
    values = dict(_values(raw["values"], refused))
    return {
        "at": _time("at", raw.get("at"), refused),
        "values": values,
        "quality": dict(_qualities(raw.get("quality"), values, refused)),
    }


def _values(raw: dict[str, object], refused: list[str]) -> Iterator[tuple[str, float | None]]:
    for code, value in raw.items():
        is_value = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        if not is_value or not _is_id(code):
            refused.append(f"{_shown(code)}={_shown(value)}")
            continue
        yield code, None if value is None else _float(value)  # type: ignore[arg-type]


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return math.inf if value > 0 else -math.inf


def _qualities(raw: object, values: dict[str, Any], refused: list[str]) -> Iterator[tuple[str, str]]:
    """What is said of a reading in words that nobody knows leaves it measured, and doubted."""
    if raw is None:
        return
    if not isinstance(raw, dict):
        refused.append(f"quality {_shown(raw)}")
        yield from ((code, "uncertain") for code in values)
        return
    for code, quality in raw.items():
        if code not in values:
            continue
        if quality not in QUALITIES:
            refused.append(f"quality of {code} {_shown(quality)}")
            quality = "uncertain"
        yield code, quality


def _time(name: str, raw: object, refused: list[str]) -> int:
    at = _whole(raw)
    if at is not None:
        return at
    refused.append(f"{name} {_shown(raw)}")
    return NO_TIME


def _whole(raw: object) -> int | None:
    """A 64-bit whole number, be it written with a point; None: it is none."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    is_whole = isinstance(raw, int) and not isinstance(raw, bool) and raw in _INT64
    return raw if is_whole else None  # type: ignore[return-value]


def _is_id(raw: object) -> bool:
    return isinstance(raw, str) and _id(raw) is not None


def _shown(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
