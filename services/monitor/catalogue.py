"""Plans, looked up once in the topic ``plans`` and arranged for judging."""

import logging
from collections.abc import Awaitable, Callable

from schemas.plan import Plan
from services.rules.index import PlanIndex

log = logging.getLogger(__name__)

LoadPlan = Callable[[str], Awaitable[Plan | None]]
"""The plan of a sha256, or None: it is not (completely) in the topic."""
LastGood = Callable[[], Awaitable[str | None]]
"""The sha256 of the plan that was published last of those that can be read."""


class Catalogue:
    """Plan indexes by sha256. What was not found is looked up anew each time it is asked for."""

    def __init__(self, load: LoadPlan, last_good: LastGood) -> None:
        self._load = load
        self._last_good = last_good
        self._indexes: dict[str, PlanIndex] = {}

    async def find(self, plan_id: str) -> PlanIndex | None:
        """The plan's index; None when there is no such plan, or it contradicts itself."""
        if plan_id not in self._indexes:
            plan = await self._load(plan_id)
            if plan is None:
                return None
            try:
                self._indexes[plan_id] = PlanIndex.of(plan, plan_id)
            except (KeyError, ValueError):
                log.exception("plan cannot be arranged", extra={"plan": plan_id})
                return None
        return self._indexes[plan_id]

    async def last_good(self) -> PlanIndex | None:
        """What there is to judge by when the plan of a checkpoint cannot be read."""
        plan_id = await self._last_good()
        return None if plan_id is None else await self.find(plan_id)
