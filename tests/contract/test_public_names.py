"""One name means one thing: a public class or type alias of the product is defined in one module.

What is another thing gets another name: a noun that says what it is, not the same one behind an underscore
or behind its package's name.
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


def test_a_public_name_means_one_thing() -> None:
    """No name is defined in two modules."""
    modules: dict[str, list[str]] = defaultdict(list)
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for name in public_types(ast.parse(path.read_text(encoding="utf-8"))):
            modules[name].append(str(path.relative_to(ROOT)))
    twice = [f"{name}: {', '.join(at)}" for name, at in sorted(modules.items()) if len(at) > 1]
    assert not twice, "the name means something already: use that type, or name yours otherwise"


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
