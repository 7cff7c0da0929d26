"""What the stored plan says around an alert: what to do, and where it is."""

from collections.abc import Iterable
from typing import Any

import msgspec

from schemas.alerts import Alert, Headline
from services.notifier.text import Surroundings
from services.runtime.postgres import Connection
from services.runtime.queries import queries


class Atlas:
    """Looks things up; guidance is kept in memory, because a plan never changes under its name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._guidance: dict[str, dict[str, Headline | None]] = {}

    async def around(self, alerts: Iterable[Alert]) -> dict[tuple[str, int], Surroundings]:
        """By alert and ``seq``."""
        wanted = list(alerts)
        rows = await self._connection.fetch(
            queries(__package__)["places_of"], list({alert.station_id for alert in wanted})
        )
        places = {row["station_id"]: row for row in rows}
        for plan in {alert.plan for alert in wanted} - set(self._guidance):
            await self._learn(plan)
        return {
            (alert.alert_id, alert.seq): Surroundings(
                address=_words(places, alert.station_id, "address"),
                landmark=_words(places, alert.station_id, "landmark"),
                guidance=self._guidance.get(alert.plan, {}).get(alert.rule_id),
            )
            for alert in wanted
        }

    async def _learn(self, plan: str) -> None:
        """A plan that is not stored yet is asked for again."""
        rows = await self._connection.fetch(queries(__package__)["rules_of"], plan)
        if rows:
            self._guidance[plan] = {row["rule_id"]: _headline(row["guidance"]) for row in rows}


def _words(places: dict[str, Any], station: str, column: str) -> Headline | None:
    return _headline(places[station][column]) if station in places else None


def _headline(words: object) -> Headline | None:
    return None if words is None else msgspec.convert(words, Headline)
