"""Details that the stored plan adds to an alert: what to do, and where it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from schemas.alerts import Alert
from services.runtime.clock import city_zone
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.words import ByLanguage

UTC_ZONE = ZoneInfo("UTC")
MOST_PLANS = 8
"""Kept in memory; the one that was loaded first goes first."""


@dataclass(frozen=True, slots=True)
class PlanDetails:
    """Details of one alert; None where the plan has none, or is not stored yet."""

    address: ByLanguage | None = None
    landmark: ByLanguage | None = None
    guidance: ByLanguage | None = None
    zone: ZoneInfo = UTC_ZONE
    """In which the message tells times."""


@dataclass(slots=True)
class StoredPlans:
    """Looks details up; guidance is kept in memory, because a plan never changes under its name."""

    connection: Connection
    _guidance: dict[str, dict[str, ByLanguage | None]] = field(default_factory=dict)
    """By plan and rule."""

    async def details(self, alerts: Iterable[Alert]) -> dict[tuple[str, int], PlanDetails]:
        """Details by alert and ``seq``."""
        wanted = list(alerts)
        stations = list({alert.station_id for alert in wanted})
        rows = await self.connection.fetch(queries(__package__)["places_of"], stations)
        places = {row["station_id"]: (row["address"], row["landmark"]) for row in rows}
        zone = await city_zone(self.connection)
        for plan in {alert.plan for alert in wanted} - set(self._guidance):
            await self._load(plan)
        return {
            (alert.alert_id, alert.seq): PlanDetails(
                *places.get(alert.station_id, (None, None)),
                self._guidance.get(alert.plan, {}).get(alert.rule_id),
                zone,
            )
            for alert in wanted
        }

    async def _load(self, plan: str) -> None:
        """Keep a plan's guidance; a plan that is not stored yet is asked for again."""
        rows = await self.connection.fetch(queries(__package__)["rules_of"], plan)
        if rows:
            self._guidance.pop(next(iter(self._guidance)) if len(self._guidance) >= MOST_PLANS else "", None)
            self._guidance[plan] = {row["rule_id"]: row["guidance"] for row in rows}
