"""Judging one usable reading of one channel against its limits, delays and hysteresis."""

from dataclasses import dataclass

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Nature
from schemas.kinds import Side
from schemas.plan import Comparator
from services.rules.judging_plan import Channel
from services.rules.state import ChannelState, LevelState

RECENT = 20
"""Readings kept as evidence while a channel is not at rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A usable value: of a point, in its unit, or as a channel compares it, in the rule's unit.

    ``before`` is the one before it, of a channel only where a trend can be told; ``raw`` the point's value
    where ``value`` is a channel's. ``gap``: the point's good scans were further apart than its ``max_gap``.
    """

    at: int
    value: float
    before: float | None = None
    raw: float | None = None
    gap: bool = False
    nature: Nature
    clock_fault: bool = False
    defect: str | None = None
    """The finding of an inspection."""


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A level went on or off: the highest that is on now (None: none), and the one that decided."""

    highest: Comparator | None
    decider: Comparator
    onset: int
    """Since when the decider's condition (or its opposite) has lasted, event time."""


def first_state(channel: Channel, nature: Nature) -> ChannelState:
    """The state of a channel that leaves its rest."""
    levels = tuple(LevelState() for _ in channel.comparators)
    return ChannelState(channel.fingerprint, levels, nature)


def judge(
    state: ChannelState, channel: Channel, read: Measurement
) -> tuple[ChannelState, LevelChange | None]:
    """The channel's next state, and the change when a level went on or off.

    After a gap whatever was pending begins anew, what is on stays on.
    """
    levels = []
    changed: list[tuple[Comparator, int]] = []
    for level, comparator in zip(state.levels, channel.comparators, strict=True):
        following = _advance(level, comparator, read)
        if following.active != level.active:
            onset = level.since if level.count and not read.gap else read.at
            changed.append((comparator, onset))
        levels.append(following)
    recent = (*state.recent[-(RECENT - 1) :], (read.at, read.value))
    after = ChannelState(state.fingerprint, tuple(levels), state.nature, recent)
    if not changed:
        return after, None
    decider, onset = max(changed, key=lambda pair: SEVERITY_RANK[pair[0].severity])
    return after, LevelChange(_highest(after, channel), decider, onset)


def _advance(level: LevelState, comparator: Comparator, read: Measurement) -> LevelState:
    """On: the limit must be reached for the on-delay. Off: clear must be passed for the off-delay."""
    bound = comparator.clear if level.active else comparator.limit
    if reached(comparator.side, bound, read.value) is level.active:
        return LevelState(level.active)
    count = 1 if read.gap else level.count + 1
    since = read.at if count == 1 else level.since
    delay = comparator.off if level.active else comparator.on
    if read.at - since >= delay.ms and count >= delay.samples:
        return LevelState(not level.active)
    return LevelState(level.active, since, count)


def reached(side: Side, bound: float, value: float) -> bool:
    """Tells if a value is at a bound, or past it on its side."""
    return value >= bound if side is Side.ABOVE else value < bound


def _highest(state: ChannelState, channel: Channel) -> Comparator | None:
    active = (
        comparator
        for level, comparator in zip(state.levels, channel.comparators, strict=True)
        if level.active
    )
    return max(active, key=lambda comparator: SEVERITY_RANK[comparator.severity], default=None)


def resting(state: ChannelState) -> bool:
    """Nothing on and nothing pending: the state says no more than its absence."""
    return not any(level.active or level.count for level in state.levels)


def without_pending(state: ChannelState) -> ChannelState:
    """The state after a gap in the input: what is on stays on, what was pending begins anew."""
    levels = tuple(LevelState(level.active) for level in state.levels)
    return ChannelState(state.fingerprint, levels, state.nature, state.recent)


def channel_of_alert(channel: Channel, alert: Alert) -> ChannelState:
    """The state of a channel of which only its active alert is known: the levels up to the alert's are on."""
    rank, comparators = SEVERITY_RANK[alert.severity], channel.comparators
    shown = [one for one in comparators if one.severity is alert.severity] or list(comparators)
    side = next((one.side for one in shown if one.limit == alert.limit_value), shown[0].side)
    levels = tuple(
        LevelState(active=one.side is side and SEVERITY_RANK[one.severity] <= rank) for one in comparators
    )
    recent = tuple((reading.at, reading.value) for reading in alert.readings)
    return ChannelState(alert.fingerprint, levels, alert.nature, recent)
