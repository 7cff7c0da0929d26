"""``miyun replay-csv``: a recorded series through the whole product, in a namespace of its own."""

import asyncio
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from time import monotonic

from schemas.headers import time_text
from simulators.children import Child, ChildError, run_beside, run_command, running
from simulators.namespaces import delete_topics, used_topics
from simulators.publish import Outgoing, Publisher
from simulators.recording import Recording, read_recording
from simulators.replaycity import PhaseSpan, Target, adapted_city
from simulators.replayed import Series, outgoing
from simulators.results import Results, read_results
from simulators.settings import SimulatorSettings
from simulators.units import conversion

BATCH = 2_000
DAY_MS = 86_400_000
MARGIN_MS = 30 * DAY_MS
"""The phase holds so long before the first and after the last stamp."""
CALENDAR_MS = 62 * DAY_MS
"""And at least so long after the first: calendars must reach 60 days ahead of a plan's beginning."""
PLAN_LEAD_MS = 60_000
PROGRESS_S = 2.0

Say = Callable[[str], None]


class ReplayError(Exception):
    """The replay cannot be done; the message says what to do."""


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
        ReplayError, ChildError, RecordingError, CityError, UnknownConversionError: with a line that
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
        _ensure_empty(request, settings, say)
        _run(series, city, settings, request.timeout_s, say)
    results = asyncio.run(read_results(settings.kafka_bootstrap, settings.namespace))
    _tell_results(recording, results, settings.namespace, say)


def _run(series: Series, city: Path, settings: SimulatorSettings, timeout_s: float, say: Say) -> None:
    """Publish the plan, run the services, send, and wait until all is stored."""
    namespace = settings.namespace
    logs = settings.state_dir / f"replay-{namespace}"
    environment = {
        "MIYUN_NAMESPACE": namespace,
        "MIYUN_STATE_DIR": str(logs),
        "MIYUN_CLOCK": "log",
        "MIYUN_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "MIYUN_CHECKPOINT_EVERY_S": "2",
        "MIYUN_MONITOR_PORT": "0",
        "MIYUN_RECORDER_PORT": "0",
    }
    began = time_text(series.recording.first_at - PLAN_LEAD_MS)
    place = ["--namespace", namespace]
    run_command(["rules", "publish", "--city", str(city), *place, "--clock-time", began], environment)
    say(f"plan published as of {began}; starting monitor and recorder")
    with running(["monitor", "recorder"], environment, logs) as children:
        asyncio.run(_send(series, settings, children, say))
        run_beside(children, ["drain", *place, "--timeout", f"{timeout_s:g}"], environment)


async def _send(series: Series, settings: SimulatorSettings, children: Iterable[Child], say: Say) -> None:
    publisher = Publisher(settings.kafka_bootstrap, settings.namespace)
    total = len(series.recording.rows)
    progress = _Progress(total, say)
    try:
        for batch in _batches(outgoing(series)):
            for child in children:
                child.ensure_running()
            await publisher.deliver(batch)
            progress.sent(batch)
    finally:
        await publisher.close()
    progress.tell()


def _batches(records: Iterator[Outgoing]) -> Iterator[list[Outgoing]]:
    while batch := list(islice(records, BATCH)):
        yield batch


class _Progress:
    """Says how far the sending has come, at most every 2 s."""

    def __init__(self, total: int, say: Say) -> None:
        self._total = total
        self._say = say
        self._rows = 0
        self._time = 0
        self._said = monotonic()

    def sent(self, batch: Iterable[Outgoing]) -> None:
        """Count a batch."""
        for record in batch:
            self._rows += record.kind == "telemetry"
            self._time = record.time
        if monotonic() - self._said >= PROGRESS_S:
            self.tell()

    def tell(self) -> None:
        """One line."""
        share = 100 * self._rows / self._total
        self._say(f"sent {self._rows} of {self._total} rows ({share:.0f} %), up to {time_text(self._time)}")
        self._said = monotonic()


def _ensure_empty(request: Request, settings: SimulatorSettings, say: Say) -> None:
    namespace = settings.namespace
    used = asyncio.run(used_topics(settings.kafka_bootstrap, namespace))
    if used and not request.fresh:
        raise ReplayError(
            f"namespace {namespace} already has data ({len(used)} topics): choose another --namespace, "
            "or empty it with --fresh"
        )
    if request.fresh:
        try:
            run_command(["recorder", "reset", "--namespace", namespace, "--yes"], {})
        except ChildError as error:
            raise ReplayError(
                f"namespace {namespace} cannot be emptied: choose another --namespace ({error})"
            ) from error
        say(f"schema {namespace} dropped")
        gone = asyncio.run(delete_topics(settings.kafka_bootstrap, namespace))
        say(f"{len(gone)} topics of {namespace} deleted")


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
    say(f"rejected by the monitor: {_counts(results.rejected)}")
    say(f"alerts: {_counts(results.alerts)}; transitions: {_counts(results.transitions)}")
    say(f"where to look: miyun alerts list --namespace {namespace}; database schema {namespace}")


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {counted[name]}" for name in sorted(counted)) or "none"
