"""``miyun replay-csv``: a recorded series through the whole product, in a namespace of its own."""

import asyncio
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path

from schemas.headers import time_text
from simulators.running.own_city import OwnCity, Paced, Say, counted
from simulators.running.publish import Outgoing, Publisher
from simulators.running.recording import Recording, read_recording
from simulators.running.replay_city import PhaseSpan, Target, adapted_city
from simulators.running.replayed import Series, outgoing
from simulators.running.results import Results, read_results
from simulators.running.settings import SimulatorSettings
from simulators.running.subprocesses import Child
from simulators.running.units import conversion

BATCH = 2_000
DAY_MS = 86_400_000
MARGIN_MS = 30 * DAY_MS
"""The phase holds so long before the first and after the last stamp."""
CALENDAR_MS = 62 * DAY_MS
"""And at least so long after the first: calendars must reach 60 days ahead of a plan's beginning."""
PLAN_LEAD_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
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


def replay(request: Request, settings: SimulatorSettings, say: Say) -> None:
    """Do it, and return when everything is stored.

    Raises:
        NamespaceUsedError, ChildError, RecordingError, CityError, UnknownConversionError: with a line that
            says what is wrong.
    """
    recording = read_recording(request.file, request.zone)
    _tell_recording(recording, request.file, say)
    with tempfile.TemporaryDirectory(prefix="miyun-replay-") as folder:
        every_s = request.every_s or recording.interval_s()
        target = Target(station=request.station, point=request.point, every_s=every_s)
        end = max(recording.last_at + MARGIN_MS, recording.first_at + CALENDAR_MS)
        span = PhaseSpan(phase=request.phase, begin=recording.first_at - MARGIN_MS, end=end)
        city = Path(folder) / "city"
        unit = adapted_city(request.city, city, target, span)
        series = Series(
            recording=recording,
            station=request.station,
            point=request.point,
            source=request.source,
            boot=secrets.token_hex(4),
            every_ms=every_s * 1000,
            convert=conversion(request.unit, unit),
        )
        say(f"city: {request.city}, {request.station} {request.point} every {every_s} s in {unit}")
        _judge(series, city, request, settings, say)
    results = asyncio.run(read_results(settings.kafka_bootstrap, settings.namespace))
    _tell_results(recording, results, settings.namespace, say)


def _judge(series: Series, city: Path, request: Request, settings: SimulatorSettings, say: Say) -> None:
    """Publish the plan, run the services, send, and wait until all is stored."""
    own = OwnCity(
        settings=settings,
        folder=settings.state_dir / f"replay-{settings.namespace}",
        timeout_s=request.timeout_s,
        say=say,
    )
    own.ensure_empty(fresh=request.fresh)
    own.publish(city, at_ms=series.recording.first_at - PLAN_LEAD_MS)
    with own.watched() as children:
        asyncio.run(_send(series, settings, children, say))
        own.drain(children)


async def _send(series: Series, settings: SimulatorSettings, children: Iterable[Child], say: Say) -> None:
    publisher = Publisher(settings.kafka_bootstrap, settings.namespace)
    progress = _Progress(len(series.recording.rows))
    paced = Paced(say)
    try:
        for batch in _batches(outgoing(series)):
            for child in children:
                child.ensure_running()
            await publisher.deliver(batch)
            progress.sent(batch)
            paced.tell(progress.line)
    finally:
        await publisher.close()
    say(progress.line())


def _batches(records: Iterator[Outgoing]) -> Iterator[list[Outgoing]]:
    while batch := list(islice(records, BATCH)):
        yield batch


@dataclass(slots=True)
class _Progress:
    """How far the sending has come."""

    total: int
    rows: int = 0
    time: int = 0

    def sent(self, batch: Iterable[Outgoing]) -> None:
        """Count a batch."""
        for record in batch:
            self.rows += record.kind == "telemetry"
            self.time = record.time

    def line(self) -> str:
        """One line."""
        share = 100 * self.rows / self.total
        return f"sent {self.rows} of {self.total} rows ({share:.0f} %), up to {time_text(self.time)}"


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
