"""Readers of output topics that keep their own positions: recorder, notifier, console."""

from dataclasses import dataclass


class AnotherLogError(Exception):
    """What was made of a log does not belong to the log that the broker has; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Position:
    """Everything before ``next`` is taken; ``epoch`` and ``ce_id`` are of the record before it."""

    epoch: str
    next: int
    ce_id: str
