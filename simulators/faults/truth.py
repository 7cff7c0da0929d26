"""The ground truth: which faults were injected, beside the monitor and never through it.

The lines of ``truth-<namespace>.jsonl`` are described in docs/ground-truth.md.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from schemas.headers import time_text
from simulators.faults.fault import Fault
from simulators.networks.effects import AnyEffect, Effect, Mute, Repeats, WrongClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One thing that a fault does at a station. ``point`` None: to the whole station."""

    station: str
    point: str | None
    how: str
    """``to add times set stuck spikes noise nothing bad``, or ``silent clock repeats``."""
    peak: float | None
    """The amount at its height; its meaning depends on ``how``."""
    begins: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthLine:
    """A line of the truth file. Times are city time, RFC 3339 in UTC."""

    event: Literal["injected", "cut_short"]
    """``cut_short`` repeats an injected fault whose run ended before it: only ``ends`` is new."""
    fault: str
    """Unique per play of a scene."""
    name: str
    scene: str
    template: str
    nature: Literal["physical", "instrumental"]
    what: dict[str, str]
    station: str
    """The place of the fault."""
    begins: str
    ends: str
    touched: list[Touched]
    expected: list[dict[str, str]]
    """Alerts that it should raise: rule, severity (the highest), station, point."""


@dataclass(slots=True)
class TruthLog:
    """Appends a line when a fault begins, and one more if it is cut short."""

    path: Path
    written: dict[str, Fault] = field(default_factory=dict)

    def begun(self, faults: list[Fault], now_ms: int) -> list[Fault]:
        """Note the faults that have begun by ``now_ms``; returns those that are new, by begin and id."""
        new = [f for f in faults if f.begins <= now_ms and f.fault_id not in self.written]
        new.sort(key=lambda fault: (fault.begins, fault.fault_id))
        for fault in new:
            self.written[fault.fault_id] = fault
            self._append(line_of(fault, "injected", ends=fault.ends))
        return new

    def stopped(self, now_ms: int) -> None:
        """The simulator ends: faults that still go on are over as of now."""
        for fault in self.written.values():
            if now_ms < fault.ends:
                self._append(line_of(fault, "cut_short", ends=now_ms))

    def _append(self, line: TruthLine) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")


def line_of(fault: Fault, event: Literal["injected", "cut_short"], *, ends: int) -> TruthLine:
    """What the truth file says of a fault."""
    return TruthLine(
        event=event,
        fault=fault.fault_id,
        name=fault.name,
        scene=fault.scene,
        template=fault.template,
        nature=fault.nature,
        what={"zh": fault.what.zh, "en": fault.what.en},
        station=fault.station,
        begins=time_text(fault.begins),
        ends=time_text(ends),
        touched=[_touched(effect) for effect in fault.effects],
        expected=[_plain(expected) for expected in fault.expected],
    )


def _plain(expected: Any) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(expected).items()}


def _touched(effect: AnyEffect) -> Touched:
    how, point, peak = _word(effect)
    return Touched(
        station=effect.station,
        point=point,
        how=how,
        peak=peak,
        begins=time_text(effect.span.begins),
        ends=time_text(effect.span.ends),
    )


def _word(effect: AnyEffect) -> tuple[str, str | None, float | None]:
    match effect:
        case Effect():
            return effect.how.value, effect.code, effect.amount
        case Mute():
            return "silent", effect.code, None
        case WrongClock():
            return "clock", None, None if effect.ahead_ms is None else effect.ahead_ms / 1000
        case Repeats():
            return "repeats", None, float(effect.copies)
