"""One name means one thing: a public class or type alias of the product is defined in one module.

``TWICE`` lists what breaks this today. It must shrink: one definition more fails, and so does one less that
is still listed. The aim of "One house" is at most ten names, each with its reason beside it, none got rid of
by an underscore or by its package's name before it.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "services", "simulators", "tools")
TYPE_NAME = re.compile(r"[A-Z]\w*[a-z]\w*")
"""An assigned name that is written so is a type alias: constants have capitals alone."""
TWICE = {
    "Answer": 3,
    "City": 2,
    "Clock": 3,
    "Effect": 2,
    "Expected": 2,
    "Gate": 3,
    "KeyUser": 2,
    "Link": 2,
    "Nature": 2,
    "Organisation": 2,
    "Origin": 2,
    "Outcome": 2,
    "Outgoing": 2,
    "Person": 2,
    "Place": 2,
    "Reading": 2,
    "Report": 2,
    "Row": 5,
    "Say": 4,
    "Severity": 2,
    "Share": 2,
    "Snapshot": 2,
    "Span": 2,
    "Station": 2,
    "System": 3,
    "Text": 3,
    "Town": 3,
    "Valve": 2,
    "Verdict": 2,
    "Words": 2,
}
"""Name, and in how many modules it is defined."""


def test_a_public_name_means_one_thing() -> None:
    """Exactly the listed names are defined in more than one module."""
    modules: dict[str, list[str]] = defaultdict(list)
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for name in public_types(ast.parse(path.read_text(encoding="utf-8"))):
            modules[name].append(str(path.relative_to(ROOT)))
    twice = {name: places for name, places in modules.items() if len(places) > 1}
    more = [f"{name}: {', '.join(at)}" for name, at in sorted(twice.items()) if len(at) > TWICE.get(name, 1)]
    assert not more, "the name means something already: use that type, or name yours otherwise"
    fewer = [name for name, count in TWICE.items() if len(modules[name]) < count]
    assert not fewer, "fewer modules define it than TWICE says: lower its number, or take it off at 1"


def public_types(module: ast.Module) -> Iterator[str]:
    """The classes and type aliases that a module defines at its top level; what it imports is not its own."""
    for statement in module.body:
        match statement:
            case ast.ClassDef(name=name):
                yield from [] if name.startswith("_") else [name]
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                if TYPE_NAME.fullmatch(name) and not is_type_variable(value):
                    yield name


def is_type_variable(value: ast.expr | None) -> bool:
    """Whether it is ``TypeVar(...)``: a letter of a signature, not a thing."""
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"
