"""What the engine does for one kind of rules alone: a file for each kind that needs one, of the kind's name.

It may have, each of them instead of what plain values get:

- ``measure(working, channel, read)``: a point's value as the rule compares it, in the rule's unit;
  None: it cannot be judged yet.
- ``words(channel, comparator, read)``: what was seen, for the headline, in Chinese and English.
- ``condition(rule)``: over what it judges, for lists of rules, by language.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from schemas.kinds import RuleKind

_FOUND = {one.name: import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)}


def own(kind: RuleKind, what: str) -> Callable[..., Any] | None:
    """The kind's own function of that name, if it has one."""
    return getattr(_FOUND.get(kind), what, None)
