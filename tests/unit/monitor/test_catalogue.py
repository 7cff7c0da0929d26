"""Plans in memory are those that judge, however many were ever published."""

from pathlib import Path

from support.small_city import write_city

from schemas.plan import Plan
from services.monitor.catalogue import Catalogue
from services.plans.city.folder import load_city
from services.plans.compile.compiler import compile_city

AT_MS = 1_768_302_000_000


async def test_plans_that_judge_nothing_go(tmp_path: Path) -> None:
    """Kept are those in use and the one asked for last; another one is looked up again."""
    plan = compile_city(load_city(write_city(tmp_path), at_ms=AT_MS), keys=())
    loaded: list[str] = []

    async def load(plan_id: str) -> Plan:
        loaded.append(plan_id)
        return plan

    async def last_good() -> str | None:
        return None

    plans = Catalogue(load, last_good)
    for number in range(20):
        await plans.find(f"p{number}")
        plans.keep_only({"p0"})
    await plans.find("p0")
    await plans.find("p19")
    assert loaded == [f"p{number}" for number in range(20)]
    await plans.find("p7")
    assert loaded[-1] == "p7"
