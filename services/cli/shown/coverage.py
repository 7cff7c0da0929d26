"""``miyun coverage``: what is heard of the city, what is missing, and how far we are behind ourselves."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg
from aiokafka.errors import KafkaError

from services.cli.checks.lag import LAG_WELL, Lag, monitor_lag, recorder_lag
from services.runtime.clock import city_time_ms
from services.runtime.command_line import database, explained
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, ByLanguage, ExplainedError, Words

By = Literal["town", "system", "both"]
BROKER_WITHIN_S = 5.0


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
class Behind:
    """How far one of our processes is behind; ``failure``: why nobody knows."""

    who: str
    lag: Lag | None = None
    failure: ByLanguage | None = None

    @property
    def well(self) -> bool:
        """Whether what is said of the city can be taken for the city."""
        return self.lag is not None and self.lag.begun and self.lag.total <= LAG_WELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All that is known; rows as the queries make them. ``at``: the city's time, epoch ms; None: unknown."""

    at: int | None
    behind: list[Behind]
    towns: Words
    systems: Words
    """In the order in which they are shown."""
    counts: list[asyncpg.Record]
    """Stations by system, town and state, with points that are expected and silent."""
    sources: list[asyncpg.Record]
    """All stations that they carried are silent, from ``since`` on."""
    stations: list[asyncpg.Record]
    """Silent, or never heard of. ``heard``: the minute of the last data; None: none is stored."""
    points: list[asyncpg.Record]
    """Silent points of stations that speak otherwise."""

    @property
    def total(self) -> Share:
        """Of the whole city."""
        return sum(map(share_of, self.counts), Share())

    def in_state(self, state: str) -> list[asyncpg.Record]:
        """Stations that are silent on their own, or never heard of."""
        told = {station for source in self.sources for station in source["station_ids"]}
        return [one for one in self.stations if one["state"] == state and one["station_id"] not in told]


async def look(settings: Settings) -> Coverage:
    """Ask the database what is heard, and the broker how far we are.

    Raises:
        StopProcessError: the database does not answer, or no plan is active.
    """
    ask = queries(__package__)
    async with database(settings) as connection:
        counts = await connection.fetch(ask["coverage"])
        if not counts:
            raise StopProcessError(TROUBLE["no_plan"])
        names = {what: await connection.fetch(ask[what]) for what in ("towns", "systems")}
        recorder = await _behind(settings, "recorder", lambda: recorder_lag(settings, connection))
        return Coverage(
            at=await _clock(settings),
            behind=[await _behind(settings, "monitor", lambda: monitor_lag(settings)), recorder],
            towns={row["code"]: row["name"] for row in names["towns"]},
            systems={row["code"]: row["name"] for row in names["systems"]},
            counts=counts,
            sources=await connection.fetch(ask["silent_sources"]),
            stations=await connection.fetch(ask["silent_stations"]),
            points=await connection.fetch(ask["silent_points"]),
        )


async def stations_by_state(connection: Connection) -> dict[str, int]:
    """How many stations are in each state: what ``miyun status`` says."""
    return of_state(await connection.fetch(queries(__package__)["coverage"]))


def of_state(counts: Sequence[asyncpg.Record]) -> dict[str, int]:
    """Stations by state."""
    found: dict[str, int] = {}
    for count in counts:
        found[count["state"]] = found.get(count["state"], 0) + count["stations"]
    return found


def share_of(count: asyncpg.Record) -> Share:
    """Points of some stations."""
    return Share(count["expected"], count["expected"] - count["silent"])


def shares(counts: Iterable[asyncpg.Record], by: By) -> dict[tuple[str | None, str | None], Share]:
    """By (system, town); None where it is not told apart."""
    found: dict[tuple[str | None, str | None], Share] = {}
    for count in counts:
        key = None if by == "town" else count["system"], None if by == "system" else count["town_code"]
        found[key] = found.get(key, Share()) + share_of(count)
    return found


def as_document(coverage: Coverage, by: By) -> dict[str, Any]:
    """What ``--json`` prints; times are RFC 3339 in UTC."""
    return {
        "city_time_ms": coverage.at,
        "lag": {one.who: _lag_document(one) for one in coverage.behind},
        "total": _share_document(coverage.total),
        "by": by,
        "shares": [
            {"system": system, "town_code": town} | _share_document(share)
            for (system, town), share in shares(coverage.counts, by).items()
        ],
        "silent_sources": [*map(dict, coverage.sources)],
        "silent_stations": [*map(dict, coverage.in_state("silent"))],
        "silent_points": [*map(dict, coverage.points)],
        "unheard_stations": [*map(dict, coverage.in_state("unheard"))],
    }


def _share_document(share: Share) -> dict[str, Any]:
    return {"expected": share.expected, "seen": share.seen, "percent": share.percent}


def _lag_document(behind: Behind) -> dict[str, Any]:
    if behind.lag is None:
        return {"records": None, "well": False, "failure": (behind.failure or {}).get("en", "")}
    return {"records": behind.lag.total, "well": behind.well, "begun": behind.lag.begun}


async def _behind(settings: Settings, who: str, ask: Callable[[], Awaitable[Lag]]) -> Behind:
    try:
        async with asyncio.timeout(BROKER_WITHIN_S):
            return Behind(who=who, lag=await ask())
    except (TimeoutError, KafkaError, ExplainedError) as error:
        return Behind(who=who, failure=explained(error, settings.kafka_bootstrap))


async def _clock(settings: Settings) -> int | None:
    try:
        async with asyncio.timeout(BROKER_WITHIN_S):
            return await city_time_ms(settings)
    except (TimeoutError, KafkaError, ExplainedError):
        return None
