"""``miyun coverage --instruments``: instruments, clocks and sources that misbehave, and how."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from schemas.rejects import RejectReason
from services.runtime.clock import city_zone
from services.runtime.command_line import database
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE

LOOKS_BACK = timedelta(hours=24)
OF_INSTRUMENTS = tuple(
    reason.value
    for reason in (
        *(RejectReason.CLOCK_FAULT, RejectReason.BEYOND_HORIZON, RejectReason.CONFLICTING_SCAN),
        *(RejectReason.ODD_VALUE, RejectReason.OUT_OF_RANGE, RejectReason.NO_STATE),
        *(RejectReason.UNKNOWN_POINT, RejectReason.UNKNOWN_STATION, RejectReason.NOT_JSON),
        *(RejectReason.INVALID, RejectReason.DUPLICATE_FRAME, RejectReason.DUPLICATE_SCAN),
    )
)
"""What is rejected because of what devices and gateways send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What they did since ``since``. A row of ``found`` is one way of one point, station or source."""

    since: datetime
    zone: ZoneInfo
    found: list[asyncpg.Record]
    """``last`` None: it goes on."""

    @property
    def ways(self) -> dict[str, list[asyncpg.Record]]:
        """The rows by what is wrong, each in their order."""
        ways: dict[str, list[asyncpg.Record]] = {}
        for one in self.found:
            ways.setdefault(one["how"], []).append(one)
        return ways

    @property
    def stations(self) -> int:
        """How many stations have something."""
        return len({one["station_id"] for one in self.found} - {None})


async def look(settings: Settings) -> Instruments:
    """Ask the database.

    Raises:
        StopProcessError: the database does not answer, or no plan is active.
    """
    ask = queries(__package__)
    async with database(settings) as connection:
        at = await connection.fetchval(ask["city_time"])
        if at is None:
            raise StopProcessError(TROUBLE["no_plan"])
        since = at - LOOKS_BACK
        return Instruments(
            since=since,
            zone=await city_zone(connection),
            found=await connection.fetch(ask["instruments"], since, OF_INSTRUMENTS),
        )


def as_document(instruments: Instruments) -> dict[str, Any]:
    """The object that ``--json`` prints; times are RFC 3339 in UTC."""
    return {
        "since": instruments.since.astimezone(UTC),
        "stations": instruments.stations,
        "instruments": [*map(dict, instruments.found)],
    }
