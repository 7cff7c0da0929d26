"""Named SQL: a package's ``queries.sql`` holds what its modules ask by name, and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime.queries import queries

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(
    ".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "services").rglob("queries.sql")
)


def nodes(package: str) -> Iterator[ast.AST]:
    """The syntax of a package's own modules."""
    for path in (ROOT / package.replace(".", "/")).glob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def words(package: str) -> set[str]:
    """All texts that stand in it."""
    found = (node.value for node in nodes(package) if isinstance(node, ast.Constant))
    return {value for value in found if isinstance(value, str)}


def asked(package: str) -> set[str]:
    """The names that it asks for: ``queries(__package__)["name"]``."""
    return {
        node.slice.value
        for node in nodes(package)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "queries"
        and isinstance(node.slice, ast.Constant)
    }


def test_there_are_such_packages() -> None:
    """Those that write, those that show."""
    assert set(PACKAGES) >= {"services.console", "services.notifier", "services.recorder"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_query_that_is_asked_is_there_and_one_that_is_there_is_asked(package: str) -> None:
    """Neither a query that fails at night nor one that nobody has run for years."""
    found = set(queries(package))
    assert asked(package) - found == set()
    assert found - words(package) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_query_says_what_it_asks(package: str) -> None:
    """In a comment above it: what its arguments are stands nowhere else."""
    assert [name for name, text in queries(package).items() if not text.startswith("-- ")] == []
