"""The committed JSON Schemas are those of the models."""

from schemas.__main__ import FOLDER, documents


def test_committed_schemas_are_current() -> None:
    """``python -m schemas`` would change nothing."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert committed == documents()
