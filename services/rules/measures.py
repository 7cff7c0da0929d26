"""What a rule compares with its limits: a value, its percentage, its speed, or the mean of a window."""

from schemas.aggregates import MINUTE_MS
from schemas.plan import Measure, Rate
from services.rules.arranged import Channel
from services.rules.draft import Draft
from services.rules.gates import gate_open

WORST_CLASS = 5.0
"""The class of a rule's worst defects: beyond IV."""


def measure(draft: Draft, channel: Channel, at: int, value: float, *, gap: bool) -> float | None:
    """``value``, read at ``at``, as ``channel`` compares it, in the rule's unit.

    None: it cannot be judged yet, or the schedule expects nothing now. Remembers what a later
    call looks back on.
    """
    rule = channel.rule
    if rule.rate is not None:
        return _rate(draft, channel.key, rule.rate, (at, value), gap=gap)
    scaled = channel.scale * value + channel.shift
    if rule.mean_ms is not None:
        return _mean(draft, channel, rule.mean_ms, (at, scaled))
    return _against_schedule(channel, at, value) if channel.schedule else scaled


def graded(channel: Channel, value: float, defect: str | None) -> float:
    """The class of an inspection as a grade rule sees it: its worst defects are beyond class IV."""
    worst = channel.rule.measure is Measure.GRADE and defect in channel.rule.worst_defects
    return WORST_CLASS if worst else value


def _against_schedule(channel: Channel, at: int, value: float) -> float | None:
    share = next((share for gate, share in channel.schedule if gate_open(gate, at)), None)
    return None if share is None else channel.scale * value / share + channel.shift


def _rate(draft: Draft, key: str, rate: Rate, read: tuple[int, float], *, gap: bool) -> float | None:
    """(last - first) / (t_last - t_first) over the window, or from the last scan before it.

    Less than half a window says nothing: over so short a time noise looks like speed.
    """
    at, value = read
    before = () if gap else draft.hot.windows.get(key, ())
    inside = tuple(sample for sample in before if at - sample[0] <= rate.window_ms)
    older = before[len(before) - len(inside) - 1 : len(before) - len(inside)]
    draft.hot.windows[key] = (*older, *inside, (at, value, 1))
    is_long = bool(inside) and 2 * (at - inside[0][0]) >= rate.window_ms
    first = inside[:1] if is_long else older
    if not first:
        return None
    moved = (value - first[0][1]) / (at - first[0][0]) * rate.per_ms * rate.factor
    return moved if rate.direction == "rise" else -moved


def _mean(draft: Draft, channel: Channel, mean_ms: int, read: tuple[int, float]) -> float | None:
    """The mean of the good scans of the window, once at least half of those due in it are there."""
    at, value = read
    minute = at - at % MINUTE_MS
    window = draft.hot.windows.get(channel.key, ())
    if window and window[-1][0] == minute:
        _, total, number = window[-1]
        window = (*window[:-1], (minute, total + value, number + 1))
    else:
        begin = minute - mean_ms
        window = (*(one for one in window if one[0] > begin), (minute, value, 1))
    draft.hot.windows[channel.key] = window
    number = sum(one[2] for one in window)
    if 2 * number * channel.point.expected_every_s * 1000 < mean_ms:
        return None
    return sum(one[1] for one in window) / number
