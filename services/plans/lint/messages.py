"""Words: the files' as the plan has them, and sentences that several lint rules say."""

from collections.abc import Iterable

from schemas.alerts import Headline
from schemas.base import Bilingual

SHOWN = 8
"""Names listed of those that would have been right."""


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """``name`` is none of ``names``; says which there are."""
    known = sorted(names)
    more = ", ..." if len(known) > SHOWN else ""
    return f"unknown {what} {name!r}; there are {', '.join(known[:SHOWN]) or 'none'}{more}"


def headline(words: Bilingual) -> Headline:
    """Words of a file as the plan has them."""
    return Headline(zh=words.zh, en=words.en)


def headline_or_none(words: Bilingual | None) -> Headline | None:
    """Words that a file may leave out."""
    return None if words is None else headline(words)
