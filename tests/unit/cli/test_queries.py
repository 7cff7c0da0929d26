"""Named SQL of a package."""

import ast
from importlib.resources import files
from pathlib import Path

import pytest

from services.runtime.queries import queries

PACKAGES = ["services.cli.checks", "services.cli.shown"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_query_is_asked_by_its_name_and_says_what_it_asks(package: str) -> None:
    """Nothing in the file that nobody uses; each begins with a comment."""
    words = {
        node.value
        for path in files(package).iterdir()
        if path.name.endswith(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    found = queries(package)
    assert set(found) - words == set()
    assert [name for name, text in found.items() if not text.startswith("-- ")] == []


def test_a_name_that_stands_twice_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second block would hide the first."""
    package = tmp_path / "two_of_one_name"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "queries.sql").write_text("-- name: one\nSELECT 1\n\n-- name: one\nSELECT 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="'one', 'one'"):
        queries("two_of_one_name")


def test_a_block_is_what_stands_between_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments inside it stay, empty lines around it go."""
    package = tmp_path / "a_query"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "queries.sql").write_text("-- name: a\n-- Why.\nSELECT 1\n\n\n-- name: b\nSELECT 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert queries("a_query") == {"a": "-- Why.\nSELECT 1", "b": "SELECT 2"}
