"""The supervisors' overview: each list is one SQL file, which the Grafana dashboard shows too."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from schemas.base import Bilingual
from services.console.api import Heartbeat, ResponseModel, SeverityName
from services.runtime.postgres import Pool

LISTS = ("severities", "systems", "towns", "acknowledgement", "coverage", "day", "hours", "judged")
"""Each is ``sql/overview_<name>.sql``."""
LONGEST_NAME, NO_NAME = 200, "?"


def _epoch_ms(at: datetime | None) -> int | None:
    return None if at is None else round(at.timestamp() * 1000)


Ms = Annotated[int, BeforeValidator(_epoch_ms)]
MsOrNone = Annotated[int | None, BeforeValidator(_epoch_ms)]


class OpenCount(ResponseModel):
    """Open alerts of a severity; ``longest_wait_s``: since the oldest unacknowledged one was raised."""

    severity: SeverityName
    open: int
    unacknowledged: int
    longest_wait_s: float | None


class PlaceCount(ResponseModel):
    """Open alerts of a system or a town."""

    code: str
    name: Bilingual
    critical: int
    major: int
    warn: int
    notice: int
    unacknowledged: int


class AcknowledgementView(ResponseModel):
    """Alerts raised in the last 24 hours, how many were acknowledged, and after how long."""

    severity: SeverityName
    raised: int
    acknowledged: int
    median_s: float | None
    p90_s: float | None


class CoverageView(ResponseModel):
    """The coverage of a system: stations, silent ones; points expected and seen in time, and their share."""

    code: str
    name: Bilingual
    stations: int
    silent: int
    expected: int
    seen: int
    percent: float


class DayCount(ResponseModel):
    """The transitions of alerts since the city's midnight, by severity."""

    severity: SeverityName
    raised: int
    escalated: int
    acknowledged: int
    closed: int


class HourCount(ResponseModel):
    """Alerts raised in an hour that begins at ``hour``."""

    hour: Ms
    critical: int
    major: int
    warn: int
    notice: int


class JudgedView(ResponseModel):
    """How far the city was judged when that was said last, of the slowest partition of ``events``.

    ``partitions``: of how many something was said. ``until``: by the city's clock; ``waiting``: records not
    judged yet, of all; ``said_at``: when the broker took the oldest of what was said last.
    """

    partitions: int
    until: MsOrNone
    waiting: int
    behind_s: float
    said_at: MsOrNone


class OverviewView(ResponseModel):
    """All of it, as of one instant. ``at``: the city's time as far as it is stored; None: nothing is.

    ``city_ms`` is the city's time itself: far later than ``at``, storage is behind. ``heartbeat``: as in the
    feed.
    """

    city_ms: int | None
    heartbeat: Heartbeat
    at: MsOrNone
    day_began_at: MsOrNone
    severities: list[OpenCount]
    systems: list[PlaceCount]
    towns: list[PlaceCount]
    acknowledgement: list[AcknowledgementView]
    coverage: list[CoverageView]
    day: list[DayCount]
    hours: list[HourCount]
    judged: list[JudgedView]


async def overview(pool: Pool, heartbeat: Heartbeat) -> OverviewView:
    """Read all lists from one snapshot of the database, so that their sums agree."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        (clock,) = await connection.fetch(_statement("clock"))
        lists = {name: await connection.fetch(_statement(name)) for name in LISTS}
    named = {name: [_named(dict(row)) for row in rows] for name, rows in lists.items()}
    now = {"city_ms": heartbeat.city_ms, "heartbeat": heartbeat}
    return OverviewView.model_validate({**now, **clock, **named})


@cache
def _statement(name: str) -> str:
    return (Path(__file__).parent / "sql" / f"overview_{name}.sql").read_text(encoding="utf-8")


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """The columns ``name_zh`` and ``name_en`` are one name: what no plan names may be called anything."""
    if "name_zh" in row:
        name = {language: row.pop(f"name_{language}") for language in ("zh", "en")}
        row["name"] = {language: text[:LONGEST_NAME] or NO_NAME for language, text in name.items()}
    return row
