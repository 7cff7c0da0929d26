"""``miyun coverage``: what is heard of the city, what is missing, and how far we are behind ourselves."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg
from aiokafka.errors import KafkaError

from services.cli.failure import CommandError
from services.cli.lag import LAG_WELL, Lag, monitor_lag, recorder_lag
from services.cli.session import database, reason
from services.cli.sql import query
from services.runtime.clock import NoCityTimeError, city_time_ms
from services.runtime.postgres import Connection
from services.runtime.settings import Settings
from services.runtime.words import Words

By = Literal["town", "system", "both"]
Name = Mapping[str, str]
"""In both languages."""
BROKER_WITHIN_S = 5.0
PUBLISH = "no plan is active, so nothing is expected to be heard: miyun rules publish"


@dataclass(frozen=True, slots=True)
class Share:
    """Points that devices have to report, and how many of them were seen in time."""

    expected: int = 0
    seen: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.expected + other.expected, self.seen + other.seen)

    @property
    def percent(self) -> float | None:
        """Rounded down to a tenth: 100 only when nothing is missing. None: nothing is expected."""
        return math.floor(1000 * self.seen / self.expected) / 10 if self.expected else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Stations of a system, a town and a state."""

    system: str
    town_code: str
    state: str
    stations: int
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentSource:
    """All stations that it carried are silent, from ``since`` on."""

    source: str
    stations: int
    systems: list[str]
    station_ids: list[str]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietStation:
    """Silent, or never heard of. ``heard``: the minute of its last data; None: none is stored."""

    station_id: str
    name: Name
    system: str
    town_code: str
    state: str
    sources: list[str]
    points: int
    since: datetime | None
    heard: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentPoint:
    """A silent point of a station that speaks otherwise."""

    station_id: str
    name: Name
    system: str
    town_code: str
    point: str
    point_name: Name
    since: datetime
    heard: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """How far one of our processes is behind; ``failure``: why nobody knows."""

    who: str
    lag: Lag | None = None
    failure: str = ""

    @property
    def well(self) -> bool:
        """Whether what is said of the city can be taken for the city."""
        return self.lag is not None and self.lag.begun and self.lag.total <= LAG_WELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All that is known. ``at``: the city's time, epoch ms; None when its clock cannot be read."""

    at: int | None
    behind: list[Behind]
    towns: Words
    systems: Words
    """In the order in which they are shown."""
    counts: list[Count]
    sources: list[SilentSource]
    stations: list[QuietStation]
    points: list[SilentPoint]

    @property
    def of_sources(self) -> set[str]:
        """Stations whose silence is their source's."""
        return {station for source in self.sources for station in source.station_ids}

    def in_state(self, state: str) -> list[QuietStation]:
        """Stations that are silent on their own, or never heard of."""
        told = self.of_sources
        return [one for one in self.stations if one.state == state and one.station_id not in told]


async def look(settings: Settings) -> Coverage:
    """Ask the database what is heard, and the broker how far we are.

    Raises:
        CommandError: the database does not answer, or no plan is active.
    """
    async with database(settings) as connection:
        counts = await counted(connection)
        if not counts:
            raise CommandError(PUBLISH)
        recorder = await _behind("recorder", lambda: recorder_lag(settings, connection))
        return Coverage(
            at=await _clock(settings),
            behind=[await _behind("monitor", lambda: monitor_lag(settings)), recorder],
            towns={row["town_code"]: row["name"] for row in await connection.fetch(query("towns"))},
            systems={row["system"]: row["name"] for row in await connection.fetch(query("systems"))},
            counts=counts,
            sources=[SilentSource(**row) for row in await connection.fetch(query("silent_sources"))],
            stations=[QuietStation(**row) for row in await connection.fetch(query("silent_stations"))],
            points=[SilentPoint(**row) for row in await connection.fetch(query("silent_points"))],
        )


async def counted(connection: Connection) -> list[Count]:
    """Stations and points by system, town and state: what ``miyun status`` says, too."""
    return [_count(row) for row in await connection.fetch(query("coverage"))]


def shares(counts: Iterable[Count], by: By) -> dict[tuple[str | None, str | None], Share]:
    """By (system, town); None where it is not told apart."""
    found: dict[tuple[str | None, str | None], Share] = {}
    for count in counts:
        key = None if by == "town" else count.system, None if by == "system" else count.town_code
        found[key] = found.get(key, Share()) + count.share
    return found


def as_document(coverage: Coverage, by: By) -> dict[str, Any]:
    """What ``--json`` prints; times are RFC 3339 in UTC."""
    total = sum((count.share for count in coverage.counts), Share())
    return {
        "city_time_ms": coverage.at,
        "lag": {one.who: _lag_document(one) for one in coverage.behind},
        "total": _share_document(total),
        "by": by,
        "shares": [
            {"system": system, "town_code": town} | _share_document(share)
            for (system, town), share in shares(coverage.counts, by).items()
        ],
        "silent_sources": coverage.sources,
        "silent_stations": coverage.in_state("silent"),
        "silent_points": coverage.points,
        "unheard_stations": coverage.in_state("unheard"),
    }


def _share_document(share: Share) -> dict[str, Any]:
    return {"expected": share.expected, "seen": share.seen, "percent": share.percent}


def _lag_document(behind: Behind) -> dict[str, Any]:
    if behind.lag is None:
        return {"records": None, "well": False, "failure": behind.failure}
    return {"records": behind.lag.total, "well": behind.well, "begun": behind.lag.begun}


def _count(row: asyncpg.Record) -> Count:
    expected, silent = int(row["expected"]), int(row["silent"])
    return Count(
        system=row["system"],
        town_code=row["town_code"],
        state=row["state"],
        stations=row["stations"],
        share=Share(expected, expected - silent),
    )


async def _behind(who: str, ask: Callable[[], Awaitable[Lag]]) -> Behind:
    try:
        async with asyncio.timeout(BROKER_WITHIN_S):
            return Behind(who=who, lag=await ask())
    except TimeoutError:
        return Behind(who=who, failure="no answer in time")
    except (KafkaError, CommandError) as error:
        return Behind(who=who, failure=reason(error))


async def _clock(settings: Settings) -> int | None:
    try:
        async with asyncio.timeout(BROKER_WITHIN_S):
            return await city_time_ms(settings)
    except (TimeoutError, KafkaError, NoCityTimeError):
        return None


def of_state(counts: Sequence[Count]) -> dict[str, int]:
    """Stations by state."""
    found: dict[str, int] = {}
    for count in counts:
        found[count.state] = found.get(count.state, 0) + count.stations
    return found
