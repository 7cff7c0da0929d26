"""The console's SQL, each statement in a file of its own."""

from pathlib import Path

from services.runtime.postgres import sql

FOLDER = Path(__file__).parent / "sql"


def statement(name: str) -> str:
    """The statement in ``sql/name.sql``."""
    return sql(FOLDER, name)
