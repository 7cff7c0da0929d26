"""The shape of a complaint, and sentences that several rules of the lint share."""

from collections.abc import Iterable

Complaint = tuple[tuple[str | int, ...], str]
"""Where inside an item, and what is wrong and would be right."""
SHOWN = 8
"""Names listed of those that would have been right."""


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """``name`` is none of ``names``; says which there are."""
    known = sorted(names)
    more = ", ..." if len(known) > SHOWN else ""
    return f"unknown {what} {name!r}; there are {', '.join(known[:SHOWN]) or 'none'}{more}"
