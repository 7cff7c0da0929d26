"""One usable value of a point meets every rule that watches it, as that rule measures it."""

from dataclasses import dataclass

from schemas.aggregates import MINUTE_MS
from schemas.base import Nature
from services.rules.arranged import Channel, PointPlan, StationPlan
from services.rules.channels import Reading, judge_channel, leave_gate
from services.rules.draft import Draft
from services.rules.gates import gate_open


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A usable value of a point, in its unit. ``before``: the usable value before it."""

    at: int
    value: float
    before: float | None
    gap: bool
    nature: Nature
    clock_fault: bool = False
    defect: str | None = None
    """What an inspection has found."""


def judge_value(draft: Draft, planned: PointPlan, place: StationPlan, read: Value) -> None:
    """Judge a value by each channel; one at rest whose limits it does not concern is passed over."""
    for planned_channel in planned.channels:
        channel = planned_channel
        if read.at >= channel.until and channel.after is not None:
            channel = channel.after
        measured = _measured(draft, channel, read)
        if measured is None:
            leave_gate(draft, channel, place, read.at)
        elif channel.key in draft.hot.channels or not channel.quiet_from <= measured < channel.quiet_to:
            judge_channel(draft, channel, place, _reading(channel, read, measured))


def _reading(channel: Channel, read: Value, measured: float) -> Reading:
    return Reading(
        at=read.at,
        measured=measured,
        before=None
        if read.before is None or not channel.is_plain
        else channel.scale * read.before + channel.shift,
        raw=read.value,
        gap=read.gap,
        nature=read.nature,
        clock_fault=read.clock_fault,
        defect=read.defect,
    )


def _measured(draft: Draft, channel: Channel, read: Value) -> float | None:
    """``read`` as ``channel`` compares it, in the rule's unit.

    None: it cannot be judged yet, or the schedule expects nothing now. Remembers what a later
    call looks back on.
    """
    if channel.own_measure is not None:
        return channel.own_measure(draft, channel, read)
    scaled = channel.scale * read.value + channel.shift
    if channel.rule.mean_ms is not None:
        return _mean(draft, channel, channel.rule.mean_ms, (read.at, scaled))
    return _against_schedule(channel, read.at, read.value) if channel.schedule else scaled


def _against_schedule(channel: Channel, at: int, value: float) -> float | None:
    share = next((share for gate, share in channel.schedule if gate_open(gate, at)), None)
    return None if share is None else channel.scale * value / share + channel.shift


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
