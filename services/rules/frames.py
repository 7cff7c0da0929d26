"""Repeated frames: each (source, boot) stream remembers which ``seq`` it has sent."""

from schemas.events import Telemetry
from services.rules.state import SeqWindow

WINDOW = 1_024
"""How far back a repeated ``seq`` is recognised, and a missing one still accepted."""
MAX_STREAMS = 8
"""Streams remembered per station; the one heard of longest ago gives way."""


def stream_key(frame: Telemetry) -> str:
    """The stream that a frame belongs to."""
    return f"{frame.source}|{frame.boot or ''}"


def admit(window: SeqWindow | None, frame: Telemetry) -> SeqWindow | None:
    """The window of a stream after ``frame``, which counts; None: it has come before.

    A first frame and one that is ahead count, one that fills a gap, and one of a source that has restarted
    without telling it by its ``boot``.
    """
    newest = frame.scans[-1].at
    if window is None:
        return SeqWindow(frame.seq, (), newest)
    last_at = max(window.last_at, newest)
    ahead = frame.seq - window.top
    if ahead == 1 and not window.missing:
        return SeqWindow(frame.seq, (), last_at)
    if ahead > 0:
        floor = frame.seq - WINDOW
        skipped = range(max(window.top + 1, floor), frame.seq)
        return SeqWindow(frame.seq, (*(seq for seq in window.missing if seq >= floor), *skipped), last_at)
    if frame.seq in window.missing:
        return SeqWindow(window.top, tuple(seq for seq in window.missing if seq != frame.seq), last_at)
    if frame.boot is None and newest > window.last_at:
        return SeqWindow(frame.seq, (), newest)
    return None


def remember(streams: dict[str, SeqWindow], key: str, window: SeqWindow) -> None:
    """Keep a stream's window, within ``MAX_STREAMS``."""
    streams[key] = window
    if len(streams) > MAX_STREAMS:
        del streams[min(streams, key=lambda name: streams[name].last_at)]
