"""Frames and ticks for the log, delivered in order, broker away or not."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.base import Quality
from schemas.events import EventKind
from schemas.headers import ce_headers
from schemas.topics import EVENT_PARTITIONS, MIB, TopicName, control_key, partition_of
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings
from simulators.networks.station import Scanned
from simulators.transmission.link import SentFrame

log = logging.getLogger(__name__)

LINGER_MS = 20
BATCH_BYTES = MIB // 2
REQUEST_TIMEOUT_MS = 5_000
PATIENCE_S = 3.0
"""After this long without acknowledgement the broker is said to be away."""
REMIND_S = 30.0
RETRY_S = 1.0
FLUSH_TIMEOUT_S = 1.2


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A record for ``events``. ``time`` is its arrival under ``clock=log`` (epoch ms)."""

    partition: int
    key: str
    kind: EventKind
    source: str
    ce_id: str
    time: int
    value: bytes


def tick(partition: int, at_ms: int, *, source: str, boot: str) -> EventRecord:
    """Time passes on a partition."""
    return EventRecord(
        partition=partition,
        key=control_key(partition),
        kind=EventKind.TICK,
        source=source,
        ce_id=f"{source}:{boot}:tick:{partition}:{at_ms}",
        time=at_ms,
        value=b"{}",
    )


def ticks(at_ms: int, *, source: str, boot: str) -> list[EventRecord]:
    """A tick for every partition."""
    return [tick(number, at_ms, source=source, boot=boot) for number in range(EVENT_PARTITIONS)]


@dataclass(slots=True)
class FrameWriter:
    """Numbers frames. ``seq`` counts per source, boot and station, without holes: the monitor

    remembers holes per station, and numbers shared by all stations would be nothing else.
    """

    boot: str
    nature: str
    sent: dict[tuple[str, str], int] = field(default_factory=dict)

    def frame(
        self, station: str, scans: Sequence[Scanned], *, source: str, time: int | None = None
    ) -> EventRecord:
        """One frame; it arrives at ``time``, or else at its last scan's instant."""
        seq = self.sent.get((source, station), 0)
        self.sent[source, station] = seq + 1
        arrival = scans[-1].at if time is None else time
        sent_at = arrival if scans[-1].device_at is None else scans[-1].device_at
        told = [_scan(scan) for scan in scans]
        return self._record(
            station, told, source=source, seq=seq, times=(sent_at, arrival), ce_id=f"{station}:{seq}"
        )

    def carried(self, station: str, packets: SentFrame, *, source: str) -> EventRecord:
        """The frame of packets that have arrived, numbered by their device."""
        last = packets[-1]
        sent_at = last.arrival if last.gathered and last.stamp == last.at else last.stamp
        told = [_told(packet.stamp, packet.values, packet.quality) for packet in packets]
        return self._record(
            station,
            told,
            source=source,
            seq=packets[0].seq,
            times=(sent_at, last.arrival),
            ce_id=f"{station}:{last.device}:{packets[0].seq}:{last.arrival}",
        )

    def _record(
        self,
        station: str,
        scans: list[dict[str, object]],
        *,
        source: str,
        seq: int,
        times: tuple[int, int],
        ce_id: str,
    ) -> EventRecord:
        sent_at, arrival = times
        body = {
            "station": station,
            "source": source,
            "boot": self.boot,
            "seq": seq,
            "sent_at": sent_at,
            "nature": self.nature,
            "scans": scans,
        }
        return EventRecord(
            partition=partition_of(station),
            key=station,
            kind=EventKind.TELEMETRY,
            source=source,
            ce_id=f"{source}:{self.boot}:{ce_id}",
            time=arrival,
            value=msgspec.json.encode(body),
        )


def _scan(scan: Scanned) -> dict[str, object]:
    """A scan as it stands on the log, with the time that the device tells."""
    return _told(scan.at if scan.device_at is None else scan.device_at, scan.values, scan.quality)


def _told(at: int, values: Mapping[str, object], quality: Mapping[str, Quality]) -> dict[str, object]:
    body: dict[str, object] = {"at": at, "values": values}
    return {**body, "quality": quality} if quality else body


class Publisher:
    """An idempotent producer that outlives a broker's absence; after an error it is made anew."""

    def __init__(self, settings: Settings) -> None:
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it repeats, we say once
        self._settings = settings
        self._topic = TopicName.EVENTS.within(settings.namespace)
        self._producer: AIOKafkaProducer | None = None
        self.away_since: float | None = None
        """``time.monotonic()`` since when nothing could be sent; None: all is well."""
        self._logged: float | None = None

    async def deliver(self, records: Iterable[EventRecord]) -> None:
        """Return when all records are acknowledged, in order within each partition.

        aiokafka itself repeats what a broker that went away has not acknowledged. What it gives
        up is sent again by a new producer: the monitor drops the frames that come twice.
        """
        batch = list(records)
        while True:
            attempt = asyncio.create_task(self._attempt(batch))
            try:
                await self._watched(attempt)
            except (KafkaError, OSError, TimeoutError) as error:
                self._note_away(f"{type(error).__name__} {error}".strip())
                await self.close()
                await asyncio.sleep(RETRY_S)
            else:
                self._note_back()
                return

    async def close(self) -> None:
        """Flush and end, within ``FLUSH_TIMEOUT_S``."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(producer.stop(), FLUSH_TIMEOUT_S)

    async def _watched(self, attempt: asyncio.Task[None]) -> None:
        try:
            _, pending = await asyncio.wait([attempt], timeout=PATIENCE_S)
            while pending:
                self._note_away("nothing is acknowledged")
                _, pending = await asyncio.wait([attempt], timeout=REMIND_S)
            await attempt
        finally:
            attempt.cancel()

    async def _attempt(self, batch: list[EventRecord]) -> None:
        if self._producer is None:
            self._producer = await self._started()
        acknowledgements = [await self._send(self._producer, record) for record in batch]
        await asyncio.gather(*acknowledgements)

    async def _send(self, producer: AIOKafkaProducer, record: EventRecord) -> asyncio.Future[object]:
        acknowledged: asyncio.Future[object] = await producer.send(
            self._topic,
            value=record.value,
            key=record.key.encode(),
            partition=record.partition,
            headers=ce_headers(record.kind, record.source, record.ce_id, record.time),
        )
        return acknowledged

    async def _started(self) -> AIOKafkaProducer:
        producer = make_producer(
            self._settings,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        try:
            await producer.start()
        except BaseException:
            with suppress(KafkaError, OSError):
                await producer.stop()
            raise
        return producer

    def _note_away(self, reason: str) -> None:
        here = monotonic()
        if self.away_since is None:
            self.away_since = here
        if self._logged is None or here - self._logged >= REMIND_S:
            self._logged = here
            log.warning(
                f"simulator: the broker is away; waiting for it topic={self._topic} reason={reason!r}"
            )

    def _note_back(self) -> None:
        if self.away_since is not None:
            log.info(f"simulator: the broker is back away_s={monotonic() - self.away_since:.1f}")
            self.away_since = self._logged = None
