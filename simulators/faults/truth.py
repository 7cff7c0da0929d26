"""The ground truth: which faults were injected, beside the monitor and never through it.

The lines of ``truth-<namespace>.jsonl`` are described in docs/ground-truth.md.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from schemas.headers import time_text
from simulators.faults.fault import Fault
from simulators.networks.disturbances import Disturbance


@dataclass(slots=True)
class TruthLog:
    """Appends a line when a fault begins, and one more if it is cut short."""

    path: Path
    written: dict[str, Fault] = field(default_factory=dict)

    def write_begun(self, faults: list[Fault], now_ms: int) -> list[Fault]:
        """Write the faults that have begun by ``now_ms``; returns those that are new, by begin and id."""
        new = [f for f in faults if f.begins <= now_ms and f.fault_id not in self.written]
        new.sort(key=lambda fault: (fault.begins, fault.fault_id))
        for fault in new:
            self.written[fault.fault_id] = fault
            self._append(line_of(fault, "injected", ends=fault.ends))
        return new

    def write_cut_short(self, now_ms: int) -> None:
        """End the faults that still go on, as the simulator ends."""
        for fault in self.written.values():
            if now_ms < fault.ends:
                self._append(line_of(fault, "cut_short", ends=now_ms))

    def _append(self, line: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")


def line_of(fault: Fault, event: Literal["injected", "cut_short"], *, ends: int) -> dict[str, Any]:
    """A line of the truth file; ``cut_short`` repeats an injected fault, and only ``ends`` is new."""
    return {
        "event": event,
        "fault": fault.fault_id,
        "name": fault.name,
        "scene": fault.scene,
        "template": fault.template,
        "nature": fault.nature,
        "what": fault.what,
        "station": fault.station,
        "source": fault.source,
        "begins": time_text(fault.begins),
        "ends": time_text(ends),
        "touched": [_touched(disturbance) for disturbance in fault.disturbances],
        "expected": fault.expected,
    }


def _touched(disturbance: Disturbance) -> dict[str, Any]:
    return {
        "station": disturbance.station,
        "point": disturbance.code,
        "how": disturbance.how,
        "peak": disturbance.amount,
        "begins": time_text(disturbance.envelope.begins),
        "ends": time_text(disturbance.envelope.ends),
    }
