"""``miyun alerts list``, and the one alert that a person means by its id or the beginning of it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import asyncpg

from schemas.base import SEVERITIES, SEVERITY_RANK, Severity
from services.cli.shown.lists import codes_of, show_list, table_of
from services.cli.shown.words import FOUND
from services.runtime import screen
from services.runtime.clock import city_zone
from services.runtime.command_line import database
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.queries import queries
from services.runtime.settings import Settings
from services.runtime.words import MARK, SEVERITY, SEVERITY_COLOUR, STATE, Language, joined, sentence, word

COLUMNS = ("alert", "raised", "severity", "state", "headline")
SHORTEST = 4
"""Fewer characters, such as an empty variable of a script, are a mistake rather than an alert."""
SHOWN = 10
"""Alerts named when a prefix fits several or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Alerts that meet all that is not None."""

    limit: int
    closed_too: bool = False
    severity: str | None = None
    system: str | None = None
    town: str | None = None

    @property
    def severities(self) -> list[str] | None:
        """The severity and those above it."""
        return None if self.severity is None else list(SEVERITIES[SEVERITY_RANK[Severity(self.severity)] :])


async def show_alerts(settings: Settings, wanted: AlertFilter, language: Language) -> None:
    """Print the alerts as a table, and how many there are.

    Raises:
        StopProcessError: the database is not there, or nothing is stored yet.
    """
    async with database(settings) as connection:
        found, zone = await _fetch(connection, wanted), await city_zone(connection)
    what = "alerts" if wanted.closed_too else "open_alerts"
    show_list(what, found, COLUMNS, _cells, language=language, zone=zone)


async def find_alert(connection: Connection, prefix: str, language: Language) -> asyncpg.Record:
    """The only alert whose id begins with ``prefix``: of several, the only open one.

    Raises:
        StopProcessError: none or several fit; what could have been meant is printed on stderr.
    """
    if len(prefix) < SHORTEST:
        raise StopProcessError(sentence(FOUND, "too_short", prefix=prefix, least=SHORTEST))
    found = await connection.fetch(queries(__package__)["alerts_by_prefix"], prefix.lower(), SHOWN)
    for choice in ([alert for alert in found if alert["closed_at"] is None], found):
        if len(choice) == 1:
            return choice[0]
    others = found or await _fetch(connection, AlertFilter(limit=SHOWN))
    if others:
        show_found(others, language, await city_zone(connection), to_stderr=True)
    key = "several" if found else "none" if others else "none_open"
    raise StopProcessError(sentence(FOUND, key, prefix=prefix))


def show_found(
    found: list[asyncpg.Record], language: Language, zone: ZoneInfo, *, to_stderr: bool = False
) -> None:
    """Print the alerts as the list does."""
    screen.show(table_of(found, COLUMNS, _cells, language=language, zone=zone), to_stderr=to_stderr)


def state_of(alert: asyncpg.Record, language: Language) -> str:
    """The ISA-18.2 letter and its words."""
    return f"{alert['state']} {word(STATE, alert['state'], language)}"


async def _fetch(connection: Connection, wanted: AlertFilter) -> list[asyncpg.Record]:
    return await connection.fetch(
        queries(__package__)["alerts_list"],
        wanted.closed_too,
        wanted.severities,
        await codes_of(connection, wanted.system),
        await codes_of(connection, wanted.town),
        wanted.limit,
    )


def _cells(alert: asyncpg.Record, language: Language, zone: ZoneInfo) -> screen.TableRow:
    over = "dim" if alert["closed_at"] is not None else ""
    marks = [word(MARK, mark, language) for mark in ("life_safety", "held") if alert[mark]]
    said = f" [{joined(marks, language)}]" if marks else ""
    return (
        screen.text(screen.short_id(alert["alert_id"]), over),
        screen.text(screen.local(alert["raised_at"], zone), over),
        screen.text(
            word(SEVERITY, alert["severity"], language),
            f"{over} {SEVERITY_COLOUR.get(alert['severity'], '')}",
        ),
        screen.text(state_of(alert, language), over),
        screen.text(f"{alert['headline'][language]}{said}", over),
    )
