"""Finding the alert that a person means: by its id or the beginning of it, in the database."""

from dataclasses import dataclass

import asyncpg

from schemas.alerts import Headline
from services.cli.alert_line import SHORT_ID, printable
from services.cli.failure import CommandError
from services.cli.sql import query
from services.cli.times import local
from services.runtime.postgres import Connection

SHORTEST = 4
"""Fewer characters, such as an empty variable of a script, are a mistake rather than an alert."""
SHOWN = 10
"""Alerts named when a prefix fits several or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a person is about to act on, as the database shows it. Times in epoch ms."""

    alert_id: str
    station_id: str
    seq: int
    severity: str
    headline: Headline
    raised_at: int
    closed: bool

    def line(self) -> str:
        """Short id, severity, when it was raised, headline."""
        state = "closed" if self.closed else self.severity
        return (
            f"{self.alert_id[:SHORT_ID]}  {state:8}  {local(self.raised_at)}  {printable(self.headline.zh)}"
        )


async def find(connection: Connection, wanted: str) -> Found:
    """The alert with this id, or the only open one (else the only one) whose id begins so.

    Raises:
        CommandError: none or several fit; the message lists what could have been meant.
    """
    if len(wanted) < SHORTEST:
        raise CommandError(f"'{wanted}' is too short to mean an alert: give {SHORTEST} characters of its id")
    try:
        rows = await connection.fetch(query("alerts_by_prefix"), wanted.lower(), SHOWN + 1)
        matching = [_found(row) for row in rows]
        still_open = [alert for alert in matching if not alert.closed]
        for choice in (still_open, matching):
            if len(choice) == 1:
                return choice[0]
        others = matching or [_found(row) for row in await connection.fetch(query("open_alerts"), SHOWN)]
    except asyncpg.UndefinedTableError:
        raise CommandError(
            "the database has no alerts table in this namespace: its recorder has not run yet"
        ) from None
    raise CommandError(_question(wanted, others, several=bool(matching)))


def _question(wanted: str, others: list[Found], *, several: bool) -> str:
    if several:
        head = f"several alerts begin with '{wanted}': give more of the id"
    elif others:
        head = f"no alert begins with '{wanted}'. Open now (if yours is not here yet: miyun status)"
    else:
        return (
            f"no alert begins with '{wanted}', and none is open: miyun status says whether the recorder lags"
        )
    lines = [other.line() for other in others[:SHOWN]]
    more = ["…"] if len(others) > SHOWN else []
    return "\n  ".join([head + ":", *lines, *more])


def _found(row: asyncpg.Record) -> Found:
    return Found(
        alert_id=row["alert_id"],
        station_id=row["station_id"],
        seq=row["seq"],
        severity=row["severity"],
        headline=Headline(**row["headline"]),
        raised_at=round(row["raised_at"].timestamp() * 1000),
        closed=row["closed_at"] is not None,
    )
