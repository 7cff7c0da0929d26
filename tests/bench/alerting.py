"""A city whose stations raise one critical alert each when they are told to; a real monitor decides on it."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.children import monitor, recorder
from bench.city import POINTS, STATIONS, found
from bench.frames import SCANS, telemetry
from bench.log import namespace, say, stored

from schemas.base import Severity
from schemas.headers import header
from schemas.topics import TopicName
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings
from services.streaming.batches import Batches

CALM, HOT = 60.0, 90.0
SCAN_EVERY_MS = 200
ALIKE = 0.5
"""Pauses differ by this share either way, so that no clock of the page or the broker keeps step with them."""
READY_WITHIN_S = 60.0


@dataclass(slots=True)
class Alerting:
    """``raised``: so many stations, the first ones, have an alert."""

    settings: Settings
    raised: int = 0

    def at_once(self, number: int) -> None:
        """So many stations report too much pressure in one batch per partition."""
        asyncio.run(self._raise([number], 0.0))

    def one_by_one(self, number: int, every_s: float) -> None:
        """So many stations report too much pressure, one after the other."""
        asyncio.run(self._raise([1] * number, every_s))

    def appended_ms(self) -> dict[str, int]:
        """When the broker took each alert's first record, by alert: the instant of the decision."""
        return asyncio.run(self._appended())

    async def _raise(self, groups: list[int], every_s: float) -> None:
        chance = Random(len(groups))
        async with make_producer(self.settings, linger_ms=0) as producer:
            batches = Batches(producer, self.settings.namespace)
            for size in groups:
                stations = STATIONS[self.raised : self.raised + size]
                assert len(stations) == size, "each station raises one alert"
                now_ms = time.time_ns() // 1_000_000
                await batches.put(telemetry(one, 0, _hot(one, now_ms), None) for one in stations)
                await batches.settle()
                self.raised += size
                await asyncio.sleep(every_s * chance.uniform(1 - ALIKE, 1 + ALIKE))

    async def _appended(self) -> dict[str, int]:
        found: dict[str, int] = {}
        async for record in stored(self.settings, TopicName.ALERTS):
            if header(record.headers, "ce_type") == "alert":
                found.setdefault(json.loads(record.value)["alert_id"], record.timestamp)
        return found


def _hot(station: str, now_ms: int) -> bytes:
    values = dict.fromkeys(POINTS, CALM) | {POINTS[0]: HOT}
    scans = [{"at": now_ms - age * SCAN_EVERY_MS, "values": values} for age in reversed(range(SCANS))]
    frame = {"station": station, "source": "gw-01", "boot": "b1", "seq": 0, "sent_at": now_ms}
    return json.dumps({**frame, "nature": "simulated", "scans": scans}).encode()


@contextmanager
def alerting(folder: Path) -> Iterator[Alerting]:
    """Under ``clock=wall``, with a monitor and a recorder at work."""
    with namespace(folder, "wall") as settings:
        asyncio.run(found(settings, time.time_ns() // 1_000_000, Severity.CRITICAL))
        with monitor(settings, folder) as judge, recorder(settings, folder) as store:
            judge.load_s()
            store.until(store.is_ready, READY_WITHIN_S, "the recorder is ready")
            say(f"a monitor judges {settings.namespace}")
            yield Alerting(settings)
            judge.stop()
            store.stop()
