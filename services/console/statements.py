"""The console's SQL by name."""

from services.runtime.queries import queries


def statement(name: str) -> str:
    """The block of that name in ``queries.sql``."""
    return queries(__package__)[name]
