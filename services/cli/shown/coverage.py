"""``miyun coverage``: the points that report in time, what is missing, and our own consumer lag."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

import asyncpg
from aiokafka.errors import KafkaError

from services.cli.checks.lag import Lag, monitor_lag, recorder_lag
from services.runtime.clock import city_time_ms, city_zone
from services.runtime.command_line import database, explained
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, ExplainedError, Words

By = Literal["town", "system", "both"]
SystemAndTown = tuple[str | None, str | None]
"""System and town; None where they are not told apart."""
BROKER_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All that is known; rows as the queries make them. ``at``: the city's time, epoch ms; None: unknown."""

    at: int | None
    zone: ZoneInfo
    lags: dict[str, Lag]
    """Of our own processes, by their names."""
    towns: Words
    systems: Words
    """In the order in which they are shown."""
    shares: Mapping[SystemAndTown, asyncpg.Record]
    """Stations, points expected and seen in time, and the share of these in percent."""
    sources: list[asyncpg.Record]
    """All stations that they carried are silent, from ``since`` on."""
    stations: list[asyncpg.Record]
    """Silent, or never heard of. ``heard``: the minute of the last data; None: none is stored."""
    points: list[asyncpg.Record]
    """Silent points of stations that speak otherwise."""

    @property
    def total(self) -> asyncpg.Record:
        """The share of the whole city."""
        return self.shares[None, None]

    def shares_by(self, by: By) -> dict[SystemAndTown, asyncpg.Record]:
        """Shares of towns, of systems, or of both, told apart."""
        wanted = by != "town", by != "system"
        return {
            (system, town): share
            for (system, town), share in self.shares.items()
            if (system is not None, town is not None) == wanted
        }

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
        shares = {(row["system"], row["town_code"]): row for row in await connection.fetch(ask["coverage"])}
        if not shares[None, None]["stations"]:
            raise StopProcessError(TROUBLE["no_plan"])
        lags = {"monitor": monitor_lag, "recorder": recorder_lag}
        return Coverage(
            at=await _clock(settings),
            zone=await city_zone(connection),
            lags={name: await _lag(settings, ask) for name, ask in lags.items()},
            towns={row["code"]: row["name"] for row in await connection.fetch(ask["towns"])},
            systems={row["code"]: row["name"] for row in await connection.fetch(ask["systems"])},
            shares=shares,
            sources=await connection.fetch(ask["silent_sources"]),
            stations=await connection.fetch(ask["silent_stations"]),
            points=await connection.fetch(ask["silent_points"]),
        )


def as_document(coverage: Coverage, by: By) -> dict[str, Any]:
    """The object that ``--json`` prints; times are RFC 3339 in UTC."""
    return {
        "city_time_ms": coverage.at,
        "lag": {name: _lag_document(lag) for name, lag in coverage.lags.items()},
        "total": _share_document(coverage.total),
        "by": by,
        "shares": [
            {"system": system, "town_code": town} | _share_document(share)
            for (system, town), share in coverage.shares_by(by).items()
        ],
        "silent_sources": [*map(dict, coverage.sources)],
        "silent_stations": [*map(dict, coverage.in_state("silent"))],
        "silent_points": [*map(dict, coverage.points)],
        "unheard_stations": [*map(dict, coverage.in_state("unheard"))],
    }


def _share_document(share: asyncpg.Record) -> dict[str, Any]:
    return {name: share[name] for name in ("expected", "seen", "percent")}


def _lag_document(lag: Lag) -> dict[str, Any]:
    if lag.failure is not None:
        return {"records": None, "well": False, "failure": lag.failure["en"]}
    return {"records": lag.total, "well": lag.well, "begun": lag.begun}


async def _lag(settings: Settings, ask: Callable[[Settings], Awaitable[Lag]]) -> Lag:
    try:
        async with asyncio.timeout(BROKER_WITHIN_S):
            return await ask(settings)
    except (TimeoutError, KafkaError, ExplainedError) as error:
        return Lag({}, begun=False, failure=explained(error, settings.kafka_bootstrap))


async def _clock(settings: Settings) -> int | None:
    try:
        async with asyncio.timeout(BROKER_WITHIN_S):
            return await city_time_ms(settings)
    except (TimeoutError, KafkaError, ExplainedError):
        return None
