"""Backoff of messages that did not arrive, and when they are given up: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.message import DeliveryReport, Result

FIRST_S, LONGEST_S = 1.0, 60.0
REFUSALS = 3
"""A receiver that says no does not change its mind soon; the lane's other messages wait behind."""
DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Backoff:
    """The lane rests until ``next_at``; ``gives_up``: the message is not tried again."""

    gives_up: bool
    next_at: datetime


def backoff_after(report: DeliveryReport, *, attempts: int, in_a_row: int, now: datetime) -> Backoff:
    """Decides after a failed attempt: the message's ``attempts``-th, the lane's ``in_a_row``-th failure.

    A message is given up here after its third refusal. Whatever is older than MIYUN_DELIVER_WITHIN_S
    is given up by the statement that notes the failure, with all of the lane that is as old.
    """
    pause_s = min(FIRST_S * 2 ** min(in_a_row - 1, DOUBLINGS), LONGEST_S)
    refused = report.result is Result.REFUSED and attempts >= REFUSALS
    return Backoff(refused, now + timedelta(seconds=pause_s))
