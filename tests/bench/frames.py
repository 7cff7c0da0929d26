"""Frames of 50 readings as JSON, made quickly: scans are chosen from a stock made beforehand."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench.city import POINTS, STATIONS

from schemas.events import EventKind
from schemas.headers import Headers, ce_headers
from schemas.topics import EVENT_PARTITIONS, TopicName, control_key, partition_of
from services.runtime.outgoing import Outgoing

SCANS = 5
READINGS = SCANS * len(POINTS)
START_MS = 1_768_302_000_000
"""2026-01-13T11:00:00Z."""
SCAN_EVERY_MS = 15_000
FRAME_EVERY_MS = SCANS * SCAN_EVERY_MS // len(STATIONS)
"""Log time between two frames of the city; a station's own come every 75 s."""
TICK_EVERY_MS = 5_000
UNDER_WAY_MS = 500
"""From a frame's last scan to its arrival."""
TRANSITION_EVERY_READINGS = 2_000
HOT_SHARE = READINGS / TRANSITION_EVERY_READINGS / 2
"""Frames with a point above its limit throughout. Each makes two transitions: it raises, the next clears."""
PARTITIONS = {station: partition_of(station) for station in STATIONS}


HotPoint = Callable[[int, int], str]
"""Which point of a station (its place in the city) is above its limit in a frame (its ``seq``); "": none."""


@dataclass(frozen=True, slots=True)
class Read:
    """A record as a consumer gives it."""

    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Frames:
    """Readings around 60 with a deviation of 6: a few touch the limit of 80, few stay above it."""

    def __init__(self, seed: int = 1, hot_share: float = HOT_SHARE) -> None:
        self._chance = Random(seed)
        self._hot_share = hot_share
        self._calm = [self._values() for _ in range(500)]
        self._hot = [[self._values(hot=code) for _ in range(20)] for code in POINTS]

    def value(self, station: str, seq: int, newest_ms: int, step_ms: int, *, hot: str = "") -> bytes:
        """The next frame of a station, its last scan at ``newest_ms``; a point that is named is too high."""
        chance, stock = self._chance, self._calm
        if hot:
            stock = self._hot[POINTS.index(hot)]
        elif chance.random() < self._hot_share:
            stock = chance.choice(self._hot)
        return frame_value(station, seq, newest_ms, step_ms, [chance.choice(stock) for _ in range(SCANS)])

    def _values(self, hot: str = "") -> bytes:
        chance = self._chance
        told = (
            f'"{code}":{85 + chance.random() if code == hot else max(0.0, chance.gauss(60, 6)):.2f}'
            for code in POINTS
        )
        return f"{{{','.join(told)}}}".encode()


def frame_value(station: str, seq: int, newest_ms: int, step_ms: int, scans: Sequence[bytes]) -> bytes:
    """A frame's value: scans of these values (JSON objects), the last of them at ``newest_ms``."""
    oldest = newest_ms - (len(scans) - 1) * step_ms
    told = b",".join(b'{"at":%d,"values":%s}' % (oldest + n * step_ms, scan) for n, scan in enumerate(scans))
    return (
        b'{"station":"%s","source":"gw-01","boot":"b1","seq":%d,"sent_at":%d,"nature":"simulated","scans":[%s]}'
        % (station.encode(), seq, newest_ms, told)
    )


def telemetry(station: str, seq: int, value: bytes, at_ms: int | None) -> Outgoing:
    """A frame's record; ``at_ms`` is its time under ``clock=log``."""
    headers = ce_headers(EventKind.TELEMETRY, "gw-01", f"{station}:{seq}", at_ms)
    return Outgoing(TopicName.EVENTS, PARTITIONS[station], station.encode(), value, headers)


def history(frames: Frames, count: int, hot: HotPoint = lambda *_: "") -> Iterator[Outgoing]:
    """``count`` frames, station after station, and every 5 s of log time a tick on each partition."""
    next_tick = START_MS + TICK_EVERY_MS
    for number in range(count):
        at = START_MS + number * FRAME_EVERY_MS
        while at >= next_tick:
            yield from _ticks(next_tick)
            next_tick += TICK_EVERY_MS
        seq, place = divmod(number, len(STATIONS))
        station = STATIONS[place]
        value = frames.value(station, seq, at - UNDER_WAY_MS, SCAN_EVERY_MS, hot=hot(place, seq))
        yield telemetry(station, seq, value, at)


def _ticks(at_ms: int) -> Iterator[Outgoing]:
    return (tick(partition, at_ms) for partition in range(EVENT_PARTITIONS))


def tick(partition: int, at_ms: int) -> Outgoing:
    """A tick's record; ``at_ms`` is its time under ``clock=log``."""
    headers = ce_headers(EventKind.TICK, "bench", f"tick:{partition}:{at_ms}", at_ms)
    return Outgoing(TopicName.EVENTS, partition, control_key(partition).encode(), b"{}", headers)
