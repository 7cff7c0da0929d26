"""Sentences that several lint rules say."""

from collections.abc import Iterable

SHOWN = 8
"""Names listed of those that would have been right."""


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """``name`` is none of ``names``; says which there are."""
    known = sorted(names)
    more = ", ..." if len(known) > SHOWN else ""
    return f"unknown {what} {name!r}; there are {', '.join(known[:SHOWN])}{more}"
