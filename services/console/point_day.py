"""A point's last day with the limits that are drawn in."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.base import Bilingual
from schemas.plan import PLAN
from services.console.api import DayView, LimitView, StateView
from services.console.failure import RefusedError
from services.rules.arranging import arrange
from services.rules.judging_plan import Channel, JudgingPlan
from services.runtime.postgres import Pool
from services.runtime.queries import queries

DAY_MS = 24 * 3_600_000


@dataclass(slots=True)
class Limits:
    """The limits of points by the plan that was asked for last: it is large, and hardly ever changes."""

    pool: Pool
    _indexes: dict[str, JudgingPlan] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, plan_id: str, station: str, point: str) -> list[LimitView]:
        """Limits of plain values, in the point's unit; rates and means have none that could be drawn."""
        async with self._lock:
            if plan_id not in self._indexes:
                plan = await self.pool.fetchval(queries(__package__)["plan_document"], plan_id)
                index = await asyncio.to_thread(lambda: arrange(PLAN.validate_json(plan), plan_id))
                self._indexes = {plan_id: index}
            there = self._indexes[plan_id].stations[station].points.get(point)
        return [] if there is None else [one for channel in there.channels for one in _limits(channel)]


def _limits(channel: Channel) -> Iterator[LimitView]:
    if not channel.is_plain or not channel.scale:
        return
    for comparator in channel.comparators:
        yield LimitView(
            severity=comparator.severity.value,
            side=comparator.side.value,
            limit=round((comparator.limit - channel.shift) / channel.scale, 6),
        )


async def last_day(pool: Pool, limits: Limits, *, station: str, point: str, now_ms: int) -> DayView:
    """The 24 hours before ``now_ms``.

    Raises:
        RefusedError: no such point.
    """
    names = await pool.fetchrow(queries(__package__)["point_names"], station, point)
    if names is None:
        raise RefusedError("unknown_point")
    from_ms = now_ms - DAY_MS
    words = sorted((int(value), name) for value, name in names["states"].items())
    states = [StateView(value=value, name=Bilingual(**name)) for value, name in words]
    rows = await pool.fetch(queries(__package__)["point_day"], station, point, from_ms, now_ms)
    return DayView(
        station=Bilingual(**names["station"]),
        point=Bilingual(**names["point"]),
        unit=names["unit"],
        states=states,
        limits=[] if states else await limits.of(names["plan_id"], station, point),
        minutes=[tuple(row) for row in rows],
        from_ms=from_ms,
        to_ms=now_ms,
    )
