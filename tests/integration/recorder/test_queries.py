"""Every named query, and every list of the overview, is understood by the database that migrations make."""

from collections.abc import Iterator
from pathlib import Path

from schemas.topics import TopicName
from services.runtime.following.offsets import OffsetsTable
from services.runtime.postgres import Connection
from services.runtime.queries import queries

ROOT = Path(__file__).parents[3]
TABLES = OffsetsTable("consumer_offsets"), OffsetsTable("notifier_offsets", topic=TopicName.ALERTS)
SEVERAL = "temporary_tables"
"""Of several statements, which cannot be prepared; ``database`` has run them."""


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of all."""
    for path in (ROOT / "services").rglob("queries.sql"):
        for name, text in queries(".".join(path.parent.relative_to(ROOT).parts)).items():
            if name.startswith("offsets_"):
                yield from ((f"{table.name}: {name}", table.query(name)) for table in TABLES)
            elif name != SEVERAL:
                yield f"{path.parent.name}: {name}", text
    for path in (ROOT / "services" / "console" / "sql").glob("*.sql"):
        yield f"{path.parent.parent.name}: {path.stem}", path.read_text(encoding="utf-8")


async def test_every_query_is_understood(database: Connection) -> None:
    """Its tables, columns, functions and the types of its arguments are there."""
    found = dict(texts())
    assert len(found) > 50
    refused = {}
    for name, text in found.items():
        try:
            await database.prepare(text)
        except Exception as error:  # noqa: BLE001  # all that is wrong is shown at once
            refused[name] = str(error)
    assert refused == {}
