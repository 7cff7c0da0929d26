"""The shipped city cut to the stations of the golden log: compiled, and compared with the golden plan."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from support.golden_differences import leaves

from schemas.city.files import City
from schemas.plan import Plan, PublicKey, plan_bytes
from services.plans.city.folder import load_city
from services.plans.compile.compiler import compile_city

CITY = Path(__file__).parents[2] / "deploy" / "miyun"
MAY_DIFFER: dict[str, str] = {
    "rules.monitor.reject_share.guidance.*": "says what to do, not which command to run",
}
"""Fields of the shipped city that may differ from the golden plan, each with its reason.

A limit, word or point of ``deploy/miyun`` that changes has its path added here, as the test prints it, such
as ``"rules.gas.chamber_lel.title.*": "clearer words"``; ``*`` stands for anything. The list is emptied by
``make golden ARGS=--events``, which makes the golden log of the city as it is then.
"""


def shipped_city() -> City:
    """The city of ``deploy/miyun``."""
    return load_city(CITY, at_ms=None)


def compiled(city: City, stations: Collection[str], *, keys: Sequence[PublicKey]) -> Plan:
    """The plan of the city with these stations only, and with the links among them."""
    known = {*stations, *(placed.item.id for placed in city.key_users)}
    links = []
    for placed in city.links:
        targets = [target for target in placed.item.to if target in known]
        if placed.item.origin in known and targets:
            links.append(replace(placed, item=placed.item.model_copy(update={"to": targets})))
    kept = tuple(placed for placed in city.stations if placed.item.id in stations)
    return compile_city(replace(city, stations=kept, links=tuple(links)), keys=keys)


def changed_in_city(golden: Plan) -> list[str]:
    """What of the shipped city is not as in the golden plan, line by line."""
    stations = [station.station_id for station in golden.stations]
    now = _named(json.loads(plan_bytes(compiled(shipped_city(), stations, keys=golden.keys))))
    was = _named(json.loads(plan_bytes(golden)))
    before, after = dict(leaves(was)), dict(leaves(now))
    paths = sorted(before.keys() | after.keys())
    return [
        f"{path}: was {before.get(path, 'nothing')}, is {after.get(path, 'nothing')}"
        for path in paths
        if before.get(path) != after.get(path)
        and not any(fnmatchcase(path, pattern) for pattern in MAY_DIFFER)
    ]


def _named(value: Any) -> Any:
    """Lists of things by their ids, so that a difference names them and one more moves no others."""
    if isinstance(value, dict):
        return {name: _named(inside) for name, inside in value.items()}
    if isinstance(value, list):
        names = [_name(one) for one in value]
        if names and all(names) and len(set(names)) == len(names):
            return {name: _named(one) for name, one in zip(names, value, strict=True)}
        return [_named(one) for one in value]
    return value


def _name(value: Any) -> str | None:
    keys = ("rule_id", "station_id", "code", "valve_id", "user_id", "system", "key_id")
    return next((value[key] for key in keys if key in value), None) if isinstance(value, dict) else None
