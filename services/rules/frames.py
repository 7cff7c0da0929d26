"""Whether a frame is new: each (source, boot) stream remembers which ``seq`` it has sent."""

from dataclasses import dataclass
from typing import Literal

from schemas.events import Telemetry
from services.rules.state import SeqWindow

WINDOW = 1_024
"""How far back a repeated ``seq`` is recognised, and a missing one still accepted."""
MAX_STREAMS = 8
"""Streams remembered per station; the one heard of longest ago gives way."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a frame counts, why, and the stream's window after it."""

    reason: Literal["first", "next", "ahead", "filled_gap", "restarted", "duplicate"]
    window: SeqWindow

    @property
    def accepted(self) -> bool:
        """Everything but a repeat is taken."""
        return self.reason != "duplicate"


def stream_key(frame: Telemetry) -> str:
    """The stream that a frame belongs to."""
    return f"{frame.source}|{frame.boot or ''}"


def admit(window: SeqWindow | None, frame: Telemetry) -> Admission:
    """Decide about ``frame`` by its stream's window (None: the stream is new)."""
    newest = frame.scans[-1].at
    if window is None:
        return Admission("first", SeqWindow(frame.seq, (), newest))
    last_at = max(window.last_at, newest)
    ahead = frame.seq - window.top
    if ahead == 1 and not window.missing:
        return Admission("next", SeqWindow(frame.seq, (), last_at))
    if ahead > 0:
        floor = frame.seq - WINDOW
        skipped = range(max(window.top + 1, floor), frame.seq)
        missing = (*(seq for seq in window.missing if seq >= floor), *skipped)
        return Admission("next" if ahead == 1 else "ahead", SeqWindow(frame.seq, missing, last_at))
    if frame.seq in window.missing:
        missing = tuple(seq for seq in window.missing if seq != frame.seq)
        return Admission("filled_gap", SeqWindow(window.top, missing, last_at))
    if frame.boot is None and newest > window.last_at:
        return Admission("restarted", SeqWindow(frame.seq, (), newest))
    return Admission("duplicate", window)


def remember(streams: dict[str, SeqWindow], key: str, window: SeqWindow) -> None:
    """Keep a stream's window, within ``MAX_STREAMS``."""
    streams[key] = window
    if len(streams) > MAX_STREAMS:
        del streams[min(streams, key=lambda name: streams[name].last_at)]
