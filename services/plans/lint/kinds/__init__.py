"""Mistakes that only rules of one kind can have: a file for each kind that has some, of the kind's name.

Its ``mistakes(rule, levels, points)`` yields them, for these levels (the rule's own, or a point's) on the
points; what follows from ``KindFacts`` is told without.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules

from schemas.city.rules import RuleFile
from schemas.city.stations import PointFile
from services.plans.compile.comparators import Levels
from services.plans.lint.messages import Complaint

_FOUND = {one.name: import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)}


def own_mistakes(rule: RuleFile, levels: Levels, points: Sequence[PointFile]) -> Iterator[Complaint]:
    """Yields the mistakes that only a rule of this kind can have."""
    if rule.kind in _FOUND:
        yield from _FOUND[rule.kind].mistakes(rule, levels, points)
