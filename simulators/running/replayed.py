"""A recording as records for the log: scans at their own time, and ticks that let it pass."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.partition import partition_of
from simulators.networks.station import Scanned
from simulators.running.publish import FrameWriter, Outgoing, tick, ticks
from simulators.running.recording import Recording
from simulators.running.units import Conversion

AFTERMATH_MS = 3_600_000
"""So long after the last stamp the final ticks come: all minutes close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is replayed, and as what."""

    recording: Recording
    station: str
    point: str
    source: str
    boot: str
    every_ms: int
    convert: Conversion


def outgoing(series: Series) -> Iterator[Outgoing]:
    """The records in order. Each row is a frame of one scan, with a tick before it.

    A row that goes back in time arrives when the one before it did: arrival never runs backward.
    """
    partition = partition_of(series.station)
    frames = FrameWriter(boot=series.boot, nature="real")
    clock = series.recording.rows[0].at
    for row in series.recording.rows:
        for at in _tick_times(clock, row.at, series.every_ms):
            yield tick(partition, at, source=series.source, boot=series.boot)
        clock = max(clock, row.at)
        scan = Scanned(row.at, {series.point: series.convert(row.value)})
        yield frames.frame(series.station, [scan], source=series.source, time=clock)
    yield from ticks(clock + AFTERMATH_MS, source=series.source, boot=series.boot)


def _tick_times(clock: int, at: int, every_ms: int) -> Iterator[int]:
    if at > clock:
        yield from range(clock + every_ms, at, every_ms)
        yield at
