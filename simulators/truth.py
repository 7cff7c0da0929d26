"""The ground truth: which faults were injected, beside the monitor and never through it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from schemas.headers import time_text
from simulators.faults import Fault


@dataclass(slots=True)
class TruthLog:
    """Appends to ``truth-<namespace>.jsonl``: a line when a fault begins, one more if it is cut short."""

    path: Path
    written: dict[tuple[str, int], Fault] = field(default_factory=dict)

    def begun(self, faults: list[Fault], now_ms: int) -> list[Fault]:
        """Note the faults that have begun by ``now_ms``; returns those that are new."""
        new = [f for f in faults if f.begins <= now_ms and (f.name, f.begins) not in self.written]
        for fault in new:
            self.written[fault.name, fault.begins] = fault
            for code, peak in fault.peaks.items():
                self._append({**_where(fault, code), "peak": peak, "event": "injected"})
        return new

    def stopped(self, now_ms: int) -> None:
        """The simulator ends: faults that still go on are over as of now."""
        for fault in self.written.values():
            if now_ms < fault.ends:
                for code in fault.peaks:
                    cut = {"event": "cut_short", "to": time_text(now_ms)}
                    self._append({**_where(fault, code), **cut})

    def _append(self, line: dict[str, object]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _where(fault: Fault, code: str) -> dict[str, object]:
    return {
        "fault": fault.name,
        "what": {"zh": fault.what_zh, "en": fault.what_en},
        "station": fault.station,
        "point": code,
        "from": time_text(fault.begins),
        "to": time_text(fault.ends),
    }
