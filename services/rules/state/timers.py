"""Timers of a station: something has to be looked at then, whether or not anything arrives.

A timer has a name, ``kind`` or ``kind|key``, and an instant (epoch ms). It stays where it is when what it
was set for comes to nothing: whoever looks then finds out, and sets it anew. What each kind does is in
``engine.TIMERS``.
"""

from services.rules.judging_plan import NEVER
from services.rules.state import HotState


def arm(hot: HotState, name: str, at: int) -> None:
    """Set a timer, wherever it stood; ``NEVER`` takes it away."""
    timers = hot.timers.copy()
    if at < NEVER:
        timers[name] = at
    else:
        timers.pop(name, None)
    hot.timers = timers
    if hot.due:
        hot.due = min(timers.values(), default=NEVER)


def arm_earlier(hot: HotState, name: str, at: int) -> None:
    """Set a timer, unless it is due before that."""
    if at < hot.timers.get(name, NEVER):
        arm(hot, name, at)


def first(hot: HotState) -> tuple[int, str]:
    """The timer that is due first; of those of one instant, the first by name."""
    return min((at, name) for name, at in hot.timers.items())
