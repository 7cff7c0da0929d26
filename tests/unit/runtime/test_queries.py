"""Named SQL of a package is read once, and no block hides another."""

from pathlib import Path

import pytest

from services.runtime.queries import queries


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
