"""Every transition of an alert, as one table (ISA-18.2; DOMAIN 7.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.alerts import AlertState, Suppression


class Happening(StrEnum):
    """The happenings that move an alert."""

    RAISE = "raise"
    ESCALATE = "escalate"
    DEESCALATE = "deescalate"
    CLEAR = "clear"
    CLEAR_NOTICE = "clear_notice"
    """A notice returns to normal: it needs no acknowledgement."""
    ACKNOWLEDGE = "acknowledge"
    END = "end"
    """Its gate closed, its rule changed, or a new alert took its place."""
    NOTE = "note"
    """A comment, held data, data that came back: the state stays."""


@dataclass(frozen=True, slots=True)
class Next:
    """The end of a transition: the new state, and whether it asks for attention (anew)."""

    state: AlertState
    annunciate: bool = False


A, B, C, D = (
    AlertState.NORMAL,
    AlertState.UNACKNOWLEDGED,
    AlertState.ACKNOWLEDGED,
    AlertState.RETURNED,
)
TABLE: dict[tuple[AlertState, Happening], Next] = {
    (A, Happening.RAISE): Next(B, annunciate=True),
    (A, Happening.NOTE): Next(A),
    (B, Happening.ESCALATE): Next(B, annunciate=True),
    (B, Happening.DEESCALATE): Next(B),
    (B, Happening.CLEAR): Next(D),
    (B, Happening.CLEAR_NOTICE): Next(A),
    (B, Happening.ACKNOWLEDGE): Next(C),
    (B, Happening.END): Next(A),
    (B, Happening.NOTE): Next(B),
    (C, Happening.ESCALATE): Next(B, annunciate=True),
    (C, Happening.DEESCALATE): Next(C),
    (C, Happening.CLEAR): Next(A),
    (C, Happening.CLEAR_NOTICE): Next(A),
    (C, Happening.END): Next(A),
    (C, Happening.NOTE): Next(C),
    (D, Happening.RAISE): Next(B, annunciate=True),
    (D, Happening.ACKNOWLEDGE): Next(A),
    (D, Happening.END): Next(A),
    (D, Happening.NOTE): Next(D),
}
"""Keyed by the state without suppressions. A pair that is missing cannot happen."""

SUPPRESSED: dict[str, AlertState] = {
    "out_of_service": AlertState.OUT_OF_SERVICE,
    "by_design": AlertState.SUPPRESSED_BY_DESIGN,
    "shelved": AlertState.SHELVED,
}
"""Suppression kinds and their letters, the strongest first: G > F > E > D > C > B > A."""


def letter(state: AlertState, suppressions: Sequence[Suppression]) -> AlertState:
    """The ISA-18.2 letter that is shown: the strongest suppression, else the state itself."""
    kinds = {suppression.kind for suppression in suppressions}
    return next((shown for kind, shown in SUPPRESSED.items() if kind in kinds), state)
