"""Effects: decisions of a step, as frozen values that the shell carries out."""

from dataclasses import dataclass
from typing import Literal

from schemas.aggregates import StationMinute
from schemas.alerts import Alert
from schemas.outcomes import Outcome
from schemas.rejects import Rejection


@dataclass(frozen=True, slots=True)
class AlertChanged:
    """An alert made a transition; the full snapshot goes to ``alerts``."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class AggregateClosed:
    """A part of a station's minute is complete and goes to ``aggregates``."""

    minute: StationMinute


@dataclass(frozen=True, slots=True)
class Decided:
    """A command, a plan or a station's state was decided and goes to ``outcomes``."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Rejected:
    """The causing record, or a part of it, was not taken; its original goes to ``rejects``."""

    rejection: Rejection


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that only a metric tells: late readings, life-safety values clamped to the range."""

    what: Literal["late", "clamped"]
    n: int


Effect = AlertChanged | AggregateClosed | Decided | Rejected | Counted


@dataclass(frozen=True, slots=True)
class Cause:
    """The record that a step answers: where it stands in ``events`` and when it arrived.

    ``arrival`` is epoch ms; for a tick it is the partition's clock (the largest arrival so far).
    """

    epoch: str
    partition: int
    offset: int
    arrival: int
