"""What the engine does not meet yet in a wild city: strike off what is mended.

Each is named as its shortest log in `tests/data/wild`, which `tests/field/test_wild_inputs.py` judges.
"""

from collections.abc import Callable
from dataclasses import dataclass

from support.wild_dangers import Comparison, Danger

BACK = frozenset({"clock_behind", "clock_steps"})
"""Faults that set a clock back."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """A gap, and whether a danger that was missed, or an alert without reason, is of it."""

    name: str
    is_missed: Callable[[Comparison, Danger], bool]
    is_unfounded: Callable[[Comparison, Danger], bool]


NOT_YET: tuple[NotYet, ...] = (
    NotYet(
        "wild-11",
        is_missed=lambda seen, one: not one.life_safety and bool(seen.kinds(one.station) & BACK),
        is_unfounded=lambda seen, one: one.rule == "any.no_data" and bool(seen.kinds(one.station) & BACK),
    ),
)


def missed(seen: Comparison) -> list[Danger]:
    """Dangers that were missed for no reason that is known."""
    return [one for one in seen.missed() if not any(gap.is_missed(seen, one) for gap in NOT_YET)]


def unfounded(seen: Comparison) -> list[Danger]:
    """Alerts that were raised for no reason that is known."""
    return [one for one in seen.unfounded() if not any(gap.is_unfounded(seen, one) for gap in NOT_YET)]
