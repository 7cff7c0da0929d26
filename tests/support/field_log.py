"""Small logs of single devices through the way of `miyun judge`, and what the shipped city makes of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.shipped_city import shipped_plan

from services.judging.log_lines import Survey, parse_line
from services.judging.outcome_lines import OutcomeLine
from services.judging.player import Player, plan_of_log

FIELD = Path(__file__).parents[3] / "shared" / "field" / "frames"
"""Small inputs of kinds that people who run such systems report."""
T0 = 1_768_302_000_000
"""2026-01-13 19:00 in the city: heating supply, lamps on."""
MINUTE_MS = 60_000
AFTER_MS = 10 * MINUTE_MS
PLAN_NAME = "f" * 64
RANK = {"notice": 1, "warn": 2, "major": 3, "critical": 4}
Line = dict[str, Any]


@dataclass(frozen=True)
class Came:
    """The lines of a run."""

    lines: Sequence[OutcomeLine]
    last: int
    """Arrival of the log's last line, epoch ms."""

    def transitions(
        self, rule: str, point: str | None = None, reasons: Iterable[str] = ()
    ) -> list[OutcomeLine]:
        """The transitions of a rule, at a point, for certain reasons."""
        return [
            line
            for line in self.lines
            if line["type"] == "transition"
            and line["rule"] == rule
            and point in (None, line["point"])
            and (not reasons or line["reason"] in reasons)
        ]

    def raised(self, rule: str, severity: str, point: str | None = None) -> list[OutcomeLine]:
        """The transitions of a rule that say that something is at least so bad."""
        worse = self.transitions(rule, point, ("raised", "reopened", "escalated"))
        return [line for line in worse if RANK[line["severity"]] >= RANK[severity]]

    def cleared(self, rule: str, point: str | None = None) -> list[OutcomeLine]:
        """The transitions of a rule that say that it is over."""
        return self.transitions(rule, point, ("cleared",))

    @property
    def clock_faults(self) -> list[OutcomeLine]:
        """Alerts about a device's clock."""
        return self.transitions("any.clock_fault", reasons=("raised", "reopened", "escalated"))

    def rejections(self, words: str = "") -> list[OutcomeLine]:
        """What was not taken, and whose detail has these words."""
        return [line for line in self.lines if line["type"] == "rejection" and words in line["detail"]]

    def about(self, point: str) -> list[OutcomeLine]:
        """Transitions of a point that readings decided."""
        return [
            line
            for line in self.lines
            if line["type"] == "transition" and line["point"] == point and line["rule"] != "any.no_data"
        ]

    @property
    def whole_station(self) -> list[OutcomeLine]:
        """Alerts of a station as a whole."""
        return self.transitions("any.no_data", "station")


def judged(lines: Iterable[Line], *, after_ms: int = AFTER_MS) -> Came:
    """What comes of a log, with ticks every 5 s, and of the time after it."""
    parsed = [parse_line(json.dumps(line)) for line in lines]
    survey = Survey.of(parsed)
    player = Player(
        plan=plan_of_log(shipped_plan(), PLAN_NAME, survey.stations, None), begins_at=survey.first or 0
    )
    return Came(list(player.play(parsed, after_ms=after_ms)), parsed[-1].arrival)


def judged_file(name: str) -> Came:
    """What comes of one of the shared inputs, by the beginning of its name."""
    (path,) = FIELD.glob(f"{name}-*.jsonl")
    return judged(map(json.loads, path.read_text(encoding="utf-8").splitlines()))


@dataclass
class Device:
    """Something that sends frames of a station; ``boot`` None: it does not tell its restarts."""

    station: str
    source: str = "gw-1"
    boot: str | None = "b1"
    seq: int = 0
    lines: list[Line] = field(default_factory=list)

    def send(
        self,
        at_s: float,
        values: Mapping[str, Any],
        *,
        stamp_ms: int | None = None,
        seq: int | None = None,
        sent_ms: int | None = None,
        more: Sequence[tuple[int, Mapping[str, Any]]] = (),
    ) -> None:
        """A frame that arrives ``at_s`` after ``T0``, of one scan of that moment.

        ``stamp_ms``: what the device says the scan's time is; ``sent_ms``: and that of the frame;
        ``more``: scans behind it, each with its stamp.
        """
        arrival = T0 + round(at_s * 1000)
        stamp = arrival if stamp_ms is None else stamp_ms
        self.seq = self.seq + 1 if seq is None else seq
        frame = {
            "station": self.station,
            "source": self.source,
            "seq": self.seq,
            "sent_at": stamp if sent_ms is None else sent_ms,
            "scans": [{"at": stamp, "values": dict(values)}]
            + [{"at": at, "values": dict(read)} for at, read in more],
        }
        if self.boot is not None:
            frame["boot"] = self.boot
        self.lines.append({"arrival": arrival, "value": frame})
