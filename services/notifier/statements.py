"""The notifier's SQL by name: one file each in the folder ``sql``."""

from pathlib import Path

from services.runtime.postgres import sql

FOLDER = Path(__file__).parent / "sql"


def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return sql(FOLDER, name)
