"""Puts plans together from their parts, and notes which of them is active."""

import logging
from collections.abc import Sequence

from schemas.outcomes import PlanActivated
from schemas.outputs import Output, PlanPart, PlanParts
from services.runtime.postgres import Connection
from services.runtime.queries import queries

log = logging.getLogger(__name__)

ACTIVATE = "activate_plan"


async def store_parts(connection: Connection, outputs: Sequence[Output]) -> None:
    """Keep parts until a plan is complete; then it is a row, and what it lists, too."""
    parts = [output.body for output in outputs if isinstance(output.body, PlanPart)]
    rows = [(part.plan_id, part.part, part.parts, part.body) for part in parts]
    await connection.executemany(queries(__package__)["plan_part_insert"], rows)
    for plan in dict.fromkeys(part.plan_id for part in parts):
        serialised = await _complete(connection, plan)
        if serialised is not None:
            await _store(connection, plan, serialised)


async def store_activations(connection: Connection, outputs: Sequence[Output]) -> None:
    """Note what each partition is judged by; the newest plan's city becomes current."""
    found = [(output.body, output.origin) for output in outputs if isinstance(output.body, PlanActivated)]
    audit = [
        (it.at, it.actor, ACTIVATE, it.plan, "applied", f"partition {it.partition}", None, origin.ce_id)
        for it, origin in found
    ]
    await connection.executemany(queries(__package__)["audit_insert"], audit)
    rows = [(it.partition, it.plan, it.at, it.actor) for it, _ in found]
    await connection.executemany(queries(__package__)["activation_upsert"], rows)
    await connection.execute(queries(__package__)["plans_active"])
    await _make_current(connection, await _current(connection))


async def _complete(connection: Connection, plan: str) -> str | None:
    """The plan's serialisation; None: a part is missing, or it is not what its name says."""
    kept = PlanParts()
    for row in await connection.fetch(queries(__package__)["plan_parts_of"], plan):
        kept.take(PlanPart(plan_id=plan, **row))
    if not kept.are_whole(plan):
        return None
    await connection.execute(queries(__package__)["plan_parts_delete"], plan)
    serialised = kept.serialised(plan)
    if serialised is None or kept.plan(plan) is None:
        log.error(
            "recorder: the parts of a plan are not what its name says; publish it again", extra={"plan": plan}
        )
        return None
    return serialised.decode()


async def _store(connection: Connection, plan: str, serialised: str) -> None:
    await connection.execute(queries(__package__)["plan_upsert"], plan, serialised)
    if await _current(connection) in (plan, None):
        await _make_current(connection, plan)


async def _current(connection: Connection) -> str | None:
    """The plan that was activated last, in whatever partition; None: no plan ever was."""
    current: str | None = await connection.fetchval(queries(__package__)["plan_current"])
    return current


async def _make_current(connection: Connection, plan: str | None) -> None:
    for name in ("plan_stations", "plan_points", "plan_valves", "plan_key_users", "plan_links"):
        await connection.execute(queries(__package__)[name], plan)
