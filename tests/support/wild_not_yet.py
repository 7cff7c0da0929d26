"""What the engine does not meet yet in a wild city: strike off what is mended.

The shortest logs are those of `tests/field/test_wild_inputs.py`, by the same names.
"""

from collections.abc import Callable
from dataclasses import dataclass

from support.wild_dangers import CLOCKS, LATE, Comparison, Danger


@dataclass(frozen=True, slots=True)
class NotYet:
    """A gap, and whether a danger that was missed, or an alert without reason, is of it."""

    words: str
    is_missed: Callable[[Comparison, Danger], bool] = lambda _, __: False
    is_unfounded: Callable[[Comparison, Danger], bool] = lambda _, __: False


def holds(seen: Comparison, one: Danger) -> bool:
    """Tells if a danger is of a point that reports on change."""
    station = next(each for each in seen.city.plan.stations if each.station_id == one.station)
    return any(p.code == one.point and p.report_mode == "on_change" for p in station.points)


NOT_YET: tuple[NotYet, ...] = (
    NotYet(
        "wild-1: late readings of other than life safety are not judged (ADR 27)",
        is_missed=lambda seen, one: not one.life_safety and bool(seen.kinds(one.station) & (LATE | CLOCKS)),
    ),
    NotYet(
        "wild-8: late values that hold are judged as if they did not last",
        is_missed=lambda seen, one: holds(seen, one) and bool(seen.kinds(one.station) & LATE),
    ),
    NotYet(
        "wild-9: rates and means of late readings are not judged",
        is_missed=lambda seen, one: one.rule in seen.blurred and bool(seen.kinds(one.station) & LATE),
    ),
    NotYet(
        "wild-2, wild-4: held values are judged through a gap, and at a backlog's arrival",
        is_unfounded=lambda seen, one: (
            one.rule in ("light.cabinet_dark", "light.daytime_on") and bool(seen.kinds(one.station) & LATE)
        ),
    ),
    NotYet(
        "wild-3: repeats that come hours later are taken for a clock that is behind",
        is_unfounded=lambda seen, one: "frames_again" in seen.kinds(one.station),
    ),
    NotYet(
        "wild-5: a clock behind onto times that are taken is not heard until it is decided",
        is_unfounded=lambda seen, one: one.rule == "any.no_data" and bool(seen.kinds(one.station) & CLOCKS),
    ),
    NotYet(
        "wild-7: a backlog of a clock that is ahead is judged at one instant",
        is_missed=lambda seen, one: bool(seen.kinds(one.station) & CLOCKS and seen.kinds(one.station) & LATE),
    ),
)


def unknown_missed(seen: Comparison) -> list[Danger]:
    """Dangers that were missed for no reason that is known."""
    return [one for one in seen.missed() if not any(gap.is_missed(seen, one) for gap in NOT_YET)]


def unknown_unfounded(seen: Comparison) -> list[Danger]:
    """Alerts that were raised for no reason that is known."""
    return [one for one in seen.unfounded() if not any(gap.is_unfounded(seen, one) for gap in NOT_YET)]
