"""The overview's lists straight from the database, by the same SQL files."""

import os
from pathlib import Path
from typing import Any

import asyncpg

STATEMENTS = Path(__file__).parents[2] / "services" / "console" / "sql"


async def as_shown(namespace: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by the name of their file, ``overview_<name>.sql``; times are left out."""
    connection = await asyncpg.connect(
        os.environ["MIYUN_DATABASE_URL"], server_settings={"search_path": f"{namespace},public"}
    )
    try:
        return {
            file.stem.removeprefix("overview_"): [
                {name: value for name, value in row.items() if not hasattr(value, "timestamp")}
                for row in await connection.fetch(file.read_text("utf-8"))
            ]
            for file in sorted(STATEMENTS.glob("overview_*.sql"))
        }
    finally:
        await connection.close()
