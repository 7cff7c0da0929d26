"""``miyun replay-csv``: a recorded series through the whole product, in a namespace of its own.

It becomes records for the log: scans at their own time, and ticks that let it pass.
"""

import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path

from schemas.headers import time_text
from schemas.partition import partition_of
from services.runtime.settings import Settings
from simulators.networks.station import Scanned
from simulators.networks.time_of_day import DAY_MS, HOUR_MS
from simulators.running.own_city import OwnCity, Results, Say, Sending, counted
from simulators.running.publish import FrameWriter, Outgoing, tick, ticks
from simulators.running.recording import Conversion, Recording, conversion, read_recording
from simulators.running.replay_city import PhaseSpan, Target, adapted_city

BATCH = 2_000
MARGIN_MS = 30 * DAY_MS
"""The phase holds so long before the first and after the last stamp."""
CALENDAR_MS = 62 * DAY_MS
"""And at least so long after the first: calendars must reach 60 days ahead of a plan's beginning."""
PLAN_LEAD_MS = 60_000
AFTERMATH_MS = HOUR_MS
"""So long after the last stamp the final ticks come: all minutes close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is to be replayed. ``every_s``: None takes the usual distance of the file's stamps."""

    file: Path
    zone: tzinfo
    station: str
    point: str
    unit: str
    city: Path
    every_s: int | None
    phase: str
    source: str
    fresh: bool
    timeout_s: float


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


def replay(wanted: Replay, settings: Settings, say: Say) -> None:
    """Do it, and return when everything is stored.

    Raises:
        NamespaceUsedError, ChildError, RecordingError, UnfitCityError, UnknownConversionError: with a line
            that says what is wrong.
    """
    recording = read_recording(wanted.file, wanted.zone)
    _tell_recording(recording, wanted.file, say)
    with tempfile.TemporaryDirectory(prefix="miyun-replay-") as folder:
        every_s = wanted.every_s or recording.interval_s()
        target = Target(station=wanted.station, point=wanted.point, every_s=every_s)
        end = max(recording.last_at + MARGIN_MS, recording.first_at + CALENDAR_MS)
        span = PhaseSpan(phase=wanted.phase, begin=recording.first_at - MARGIN_MS, end=end)
        city = Path(folder) / "city"
        unit = adapted_city(wanted.city, city, target, span)
        series = Series(
            recording=recording,
            station=wanted.station,
            point=wanted.point,
            source=wanted.source,
            boot=secrets.token_hex(4),
            every_ms=every_s * 1000,
            convert=conversion(wanted.unit, unit),
        )
        say(f"city: {wanted.city}, {wanted.station} {wanted.point} every {every_s} s in {unit}")
        own = OwnCity(
            settings=settings,
            folder=settings.state_dir / f"replay-{settings.namespace}",
            timeout_s=wanted.timeout_s,
            say=say,
        )
        own.ensure_empty(fresh=wanted.fresh)
        began = recording.first_at - PLAN_LEAD_MS
        results = own.live(city, at_ms=began, send=lambda sending: _send(series, sending))
    _tell_results(recording, results, settings.namespace, say)


async def _send(series: Series, sending: Sending) -> None:
    total, rows = len(series.recording.rows), 0
    records, line = outgoing(series), ""
    while batch := list(islice(records, BATCH)):
        await sending.publisher.deliver(batch)
        rows += sum(record.kind == "telemetry" for record in batch)
        share = 100 * rows / total
        line = f"sent {rows} of {total} rows ({share:.0f} %), up to {time_text(batch[-1].time)}"
        sending.tell(line)
    sending.say(line)


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


def _tell_recording(recording: Recording, file: Path, say: Say) -> None:
    first, last = time_text(recording.first_at), time_text(recording.last_at)
    say(f"{file}: {len(recording.rows)} readings from {first} to {last}")
    for dropped in recording.dropped:
        say(f"dropped line {dropped.line}: {dropped.reason}")


def _tell_results(recording: Recording, results: Results, namespace: str, say: Say) -> None:
    read = len(recording.rows) + len(recording.dropped)
    say(
        f"rows: read {read}, sent {len(recording.rows)}, dropped {len(recording.dropped)};"
        f" of those sent: repeated stamps {recording.repeated}, out of order {recording.backward}"
    )
    say(f"rejected by the monitor: {counted(results.rejected)}")
    say(f"alerts: {counted(results.alerts)}; transitions: {counted(results.transitions)}")
    say(f"where to look: miyun alerts list --namespace {namespace}; database schema {namespace}")
