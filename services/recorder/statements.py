"""The recorder's SQL by name."""

from pathlib import Path

from services.runtime.postgres import sql
from services.runtime.queries import queries

FOLDER = Path(__file__).parent / "sql"


def statement(name: str) -> str:
    """The block of that name in ``queries.sql``, or of the file in ``sql``."""
    return queries(__package__).get(name) or sql(FOLDER, name)
