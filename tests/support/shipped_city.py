"""The shipped city, read once a process, and its plan, compiled once as long as nothing of it changes."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from schemas.city.files import City
from schemas.headers import time_ms
from schemas.plan import PLAN, Plan, plan_bytes
from services.plans.city.folder import load_city
from services.plans.compile.compiler import compile_city

ROOT = Path(__file__).parents[2]
CITY = ROOT / "deploy" / "miyun"
AT_MS = time_ms("2026-01-13T19:00:00+08:00")
"""When the demo city begins to live."""
KEPT = ROOT / ".pytest_cache" / "plans"
COMPILER = ("schemas", "services/plans")
"""Whatever the plan follows from, but for the city's files."""


@cache
def shipped_city() -> City:
    """That it is read means that the lint finds no mistake."""
    return load_city(CITY, at_ms=AT_MS)


@cache
def shipped_plan() -> Plan:
    """The compiled city without keys; from a file that is named by what went into it, if there is one."""
    kept = KEPT / f"{_digest(_inputs())}.json"
    if kept.exists():
        return PLAN.validate_json(kept.read_bytes())
    plan = compile_city(shipped_city(), keys=())
    KEPT.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(f".{id(plan)}")  # another worker may be at it too
    fresh.write_bytes(plan_bytes(plan))
    fresh.replace(kept)
    return plan


def _inputs() -> Iterable[Path]:
    yield from sorted(CITY.rglob("*.y*ml"))
    for folder in COMPILER:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _digest(files: Iterable[Path]) -> str:
    digest = sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()
