"""``miyun replay-csv``: a recorded series through the whole product, in a namespace of its own.

It becomes records for the log: scans at their own time, and ticks that let it pass.
"""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path

from schemas.headers import time_text
from schemas.topics import partition_of
from services.runtime.settings import Settings
from services.runtime.words import REASON, REJECT, Language
from simulators.networks.station import Scanned
from simulators.networks.time_of_day import DAY_MS, HOUR_MS
from simulators.running.own_city import OwnCity, Results, counted
from simulators.running.publish import EventRecord, FrameWriter, Publisher, tick, ticks
from simulators.running.recording import Recording, conversion, read_recording
from simulators.running.replay_city import PhaseSpan, Target, adapted_city
from simulators.running.words import PROGRESS, RESULT

BATCH = 2_000
MARGIN_MS = 30 * DAY_MS
"""The phase holds so long before the first and after the last stamp."""
CALENDAR_MS = 62 * DAY_MS
"""And at least so long after the first: calendars must reach 60 days ahead of a plan's beginning."""
PLAN_LEAD_MS = 60_000
BELIEVED_MS = 60_000
CONFIRMED_BY = 3
"""A tick later than the last one by more than the first is believed once so many have said it."""
AFTERMATH_MS = HOUR_MS
"""So long after the last stamp the final ticks come: all minutes close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The options of a replay. ``every_s``: None takes the usual distance of the file's stamps."""

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
    """A recording and the point as whose readings it is replayed."""

    recording: Recording
    target: Target
    source: str
    boot: str
    convert: Callable[[float], float]


def replay(wanted: Replay, settings: Settings, language: Language) -> None:
    """Replay, and return when everything is stored.

    Raises:
        StopProcessError, CommandFailedError, RecordingError, UnfitCityError, UnknownConversionError: with a
            line that says what is wrong.
    """
    folder = settings.state_dir / f"replay-{settings.namespace}"
    own = OwnCity(settings=settings, folder=folder, timeout_s=wanted.timeout_s, language=language)
    recording = read_recording(wanted.file, wanted.zone)
    _say_recording(own, recording, wanted.file)
    with tempfile.TemporaryDirectory(prefix="miyun-replay-") as scratch:
        every_s = wanted.every_s or recording.interval_s()
        target = Target(station=wanted.station, point=wanted.point, every_s=every_s)
        end = max(recording.last_at + MARGIN_MS, recording.first_at + CALENDAR_MS)
        span = PhaseSpan(phase=wanted.phase, begin=recording.first_at - MARGIN_MS, end=end)
        city = Path(scratch) / "city"
        unit = adapted_city(wanted.city, city, target, span)
        series = Series(
            recording=recording,
            target=target,
            source=wanted.source,
            boot=secrets.token_hex(4),
            convert=conversion(wanted.unit, unit),
        )
        own.say(PROGRESS, "city", city=wanted.city, unit=unit, **asdict(target))
        own.ensure_empty(fresh=wanted.fresh)
        began = recording.first_at - PLAN_LEAD_MS
        results = own.run(city, at_ms=began, send=lambda publisher: _send(own, series, publisher))
    _say_results(own, recording, results)


async def _send(own: OwnCity, series: Series, publisher: Publisher) -> None:
    total, rows = len(series.recording.values), 0
    facts: dict[str, object] = {}
    records = event_records(series)
    while batch := list(islice(records, BATCH)):
        await publisher.deliver(batch)
        rows += sum(record.kind == "telemetry" for record in batch)
        facts = {"rows": rows, "total": total, "share": 100 * rows / total, "at": time_text(batch[-1].time)}
        own.progress("sent", **facts)
    own.say(PROGRESS, "sent", **facts)


def event_records(series: Series) -> Iterator[EventRecord]:
    """The records in order. Each value is a frame of one scan, with a tick before it, or three.

    A value that goes back in time arrives when the one before it did: arrival never runs backward.
    """
    station, values = series.target.station, series.recording.values
    partition = partition_of(station)
    frames = FrameWriter(boot=series.boot, nature="real")
    clock = values[0].at
    for one in values:
        for at in _tick_times(clock, one.at, series.target.every_s * 1000):
            yield tick(partition, at, source=series.source, boot=series.boot)
        clock = max(clock, one.at)
        scan = Scanned(one.at, {series.target.point: series.convert(one.value)})
        yield frames.frame(station, [scan], source=series.source, time=clock)
    for _ in range(CONFIRMED_BY):
        yield from ticks(clock + AFTERMATH_MS, source=series.source, boot=series.boot)


def _tick_times(clock: int, at: int, every_ms: int) -> Iterator[int]:
    if at > clock:
        for time in (*range(clock + every_ms, at, every_ms), at):
            yield from [time] * (CONFIRMED_BY if every_ms > BELIEVED_MS else 1)


def _say_recording(own: OwnCity, recording: Recording, file: Path) -> None:
    span = {"first": time_text(recording.first_at), "last": time_text(recording.last_at)}
    own.say(PROGRESS, "series", file=file, count=len(recording.values), **span)
    for dropped in recording.dropped:
        own.say(PROGRESS, "dropped", line=dropped.line, reason=dropped.reason)


def _say_results(own: OwnCity, recording: Recording, results: Results) -> None:
    sent, dropped = len(recording.values), len(recording.dropped)
    odd = {"repeated": recording.repeated, "backward": recording.backward}
    own.say(RESULT, "rows", read=sent + dropped, sent=sent, dropped=dropped, **odd)
    own.say(RESULT, "rejected", counts=counted(results.rejected, REJECT))
    alerts, transitions = counted(results.alerts, {}), counted(results.transitions, REASON)
    own.say(RESULT, "alerts_by_rule", alerts=alerts, transitions=transitions)
    own.say(RESULT, "look", command="miyun alerts list", namespace=own.settings.namespace)
