"""Judging one usable reading of one channel against its limits, delays and hysteresis."""

from dataclasses import dataclass

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Nature
from schemas.kinds import Side
from schemas.plan import Comparator, Delay
from services.rules.arranged import Channel
from services.rules.state import ChannelState, LevelState

RECENT = 20
"""Readings kept as evidence while a channel is not at rest."""


@dataclass(frozen=True, slots=True)
class Verdict:
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
    state: ChannelState, channel: Channel, *, at: int, measured: float, gap: bool
) -> tuple[ChannelState, Verdict | None]:
    """The channel's next state, and a verdict when a level went on or off.

    ``gap`` says that the point's good scans were further apart than its ``max_gap``: whatever was
    pending begins anew, what is on stays on.
    """
    levels = []
    changed: list[tuple[Comparator, int]] = []
    for level, comparator in zip(state.levels, channel.comparators, strict=True):
        following = _advance(level, comparator, at=at, measured=measured, gap=gap)
        if following.active != level.active:
            changed.append((comparator, _onset(level, at, gap=gap)))
        levels.append(following)
    recent = (*state.recent[-(RECENT - 1) :], (at, measured))
    after = ChannelState(state.fingerprint, tuple(levels), state.nature, recent)
    if not changed:
        return after, None
    decider, onset = max(changed, key=lambda pair: SEVERITY_RANK[pair[0].severity])
    return after, Verdict(_highest(after, channel), decider, onset)


def _onset(level: LevelState, at: int, *, gap: bool) -> int:
    return level.since if level.count and not gap else at


def _advance(level: LevelState, comparator: Comparator, *, at: int, measured: float, gap: bool) -> LevelState:
    """On: the limit must be reached for the on-delay. Off: clear must be passed for the off-delay."""
    count = 0 if gap else level.count
    wanted = _over(comparator, measured) if level.active else beyond(comparator, measured)
    if not wanted:
        return LevelState(level.active)
    since = level.since if count else at
    delay = comparator.off if level.active else comparator.on
    if _lasted(delay, at - since, count + 1):
        return LevelState(not level.active)
    return LevelState(level.active, since, count + 1)


def beyond(comparator: Comparator, measured: float) -> bool:
    """Whether a level's limit is reached."""
    if comparator.side is Side.ABOVE:
        return measured >= comparator.limit
    return measured < comparator.limit


def _over(comparator: Comparator, measured: float) -> bool:
    if comparator.side is Side.ABOVE:
        return measured < comparator.clear
    return measured >= comparator.clear


def _lasted(delay: Delay, ms: int, samples: int) -> bool:
    return ms >= delay.ms and samples >= delay.samples


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
