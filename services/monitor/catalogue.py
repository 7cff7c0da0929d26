"""Plans, looked up once in the topic ``plans`` and arranged for judging."""

import logging
from collections.abc import Awaitable, Callable

from schemas.plan import Plan
from services.rules.arranging import arrange
from services.rules.judging_plan import JudgingPlan

log = logging.getLogger(__name__)

LoadPlan = Callable[[str], Awaitable[Plan | None]]
"""The plan of a sha256, or None: it is not (completely) in the topic."""
LastGood = Callable[[], Awaitable[str | None]]
"""The sha256 of the plan that was published last of those that can be read."""


class Catalogue:
    """Plans by sha256, arranged. One that was not found is looked up anew each time."""

    def __init__(self, load: LoadPlan, last_good: LastGood) -> None:
        self._load = load
        self._last_good = last_good
        self._plans: dict[str, JudgingPlan] = {}

    async def find(self, plan_id: str) -> JudgingPlan | None:
        """The plan arranged; None when there is no such plan, or it contradicts itself."""
        if plan_id not in self._plans:
            plan = await self._load(plan_id)
            if plan is None:
                return None
            try:
                self._plans[plan_id] = arrange(plan, plan_id)
            except MemoryError:
                raise
            except Exception:
                log.exception("plan cannot be arranged", extra={"plan": plan_id})
                return None
        return self._plans[plan_id]

    async def last_good(self) -> JudgingPlan | None:
        """The plan to judge by when that of a checkpoint cannot be read."""
        plan_id = await self._last_good()
        return None if plan_id is None else await self.find(plan_id)
