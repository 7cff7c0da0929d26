"""Judging one usable reading of one channel against its levels: limits, delays and hysteresis.

Which level is on, the channel's alert says, and nothing else: the levels below it on its side are on, too.
What is kept here is what is pending.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.alerts import Alert
from schemas.base import Nature
from schemas.kinds import Side
from services.rules.judging_plan import Channel, Level
from services.rules.lifecycle.alert import is_active
from services.rules.state import NOTHING_PENDING, ChannelState, LevelState

RECENT = 20
"""Readings kept as evidence while a channel is not at rest."""
SAMPLES_ACROSS_A_GAP = 3
"""Usable readings that end a life-safety alert when some of its data are missing (JUDGING 5)."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """A usable value: of a point, in its unit, or as a channel compares it, in the rule's unit.

    ``before`` is the one before it, of a channel only where a trend can be told; ``raw`` the point's value
    where ``value`` is a channel's. ``gap_ms``: since the last usable reading, 0 of the first.
    """

    at: int
    value: float
    before: float | None = None
    raw: float | None = None
    gap_ms: int = 0
    nature: Nature
    clock_fault: bool = False
    defect: str | None = None
    """The finding of an inspection."""
    came: int = 0
    """When it came (arrival time), of a value that holds; 0: with the event."""
    said: tuple[str, str] | None = None
    """What more there is to say of it, in Chinese and English."""


@dataclass(slots=True)
class LevelChange:
    """The level that stands now (None: none), the one that decided, and since when it had lasted."""

    highest: Level | None
    decider: Level
    pending: LevelState
    """How long the decider's condition (or its opposite) has lasted, and with which gaps."""


def first_state(channel: Channel, nature: Nature) -> ChannelState:
    """The state of a channel that leaves its rest."""
    return ChannelState(channel.fingerprint, (NOTHING_PENDING,) * len(channel.levels), nature)


def without_pending(state: ChannelState) -> ChannelState:
    """The same, of which nothing is about to change."""
    return replace(state, levels=(NOTHING_PENDING,) * len(state.levels))


def standing(channel: Channel, alert: Alert | None) -> Level | None:
    """The level that an alert stands at; None: there is none, or it is over."""
    if alert is None or not is_active(alert):
        return None
    same = [level for level in channel.levels if level.shown.severity is alert.severity]
    limit = alert.limit_value
    if limit is None or len(same) <= 1:
        return same[0] if same else None
    return min(same, key=lambda level: abs(level.shown.limit - limit))


def judge(
    state: ChannelState, channel: Channel, on: Level | None, read: Reading, arrival: int
) -> tuple[ChannelState, LevelChange | None]:
    """The channel's next state, and the change when another level stands from now on, or none.

    ``on``: the level that stands. ``arrival``: of what shows this.
    """
    pending = [
        _advance(level, comparator, is_on(comparator, on), channel, read, arrival)
        for level, comparator in zip(state.levels, channel.levels, strict=True)
    ]
    highest = _standing_now(channel, on, pending, read.at)
    recent = (*state.recent[-(RECENT - 1) :], (read.at, read.value))
    if highest is on:
        return ChannelState(state.fingerprint, tuple(pending), state.nature, recent), None
    kept = tuple(
        one if is_on(level, highest) is is_on(level, on) else NOTHING_PENDING
        for one, level in zip(pending, channel.levels, strict=True)
    )
    decider = highest if highest is not None and not is_on(highest, on) else on
    assert decider is not None, "levels change up from none, or down from one"
    change = LevelChange(highest, decider, pending[channel.levels.index(decider)])
    return ChannelState(state.fingerprint, kept, state.nature, recent), change


def is_on(level: Level, on: Level | None) -> bool:
    """Tells if a level is on while ``on`` stands: a higher level implies the lower ones of its side."""
    return on is not None and level.side is on.side and level.rank <= on.rank


def _standing_now(channel: Channel, on: Level | None, pending: Sequence[LevelState], at: int) -> Level | None:
    """The highest level that is on once those have changed that have waited long enough."""
    pairs = list(zip(channel.levels, pending, strict=True))
    staying, rising = [], []
    for level, one in pairs:
        if is_on(level, on):
            if not _has_lasted(one, level, channel, at, ends=True):
                staying.append(level)
        elif _has_lasted(one, level, channel, at, ends=False):
            rising.append(level)
    top = max(rising, key=_rank, default=None)
    if top is None or (on is not None and top.side is on.side):
        return max((*staying, *rising), key=_rank, default=None)
    return top  # beyond the other limit the first side is over


def _rank(level: Level) -> int:
    return level.rank


def _advance(
    pending: LevelState, level: Level, is_on: bool, channel: Channel, read: Reading, arrival: int
) -> LevelState:
    """Count a reading for a change of the level, or forget what was pending."""
    bound = level.clear if is_on else level.limit
    if reached(level.side, bound, read.value) is is_on:
        return NOTHING_PENDING
    is_apart = read.at < pending.since or (not is_on and read.gap_ms > channel.bridge_ms)
    if pending.count == 0 or is_apart:
        return LevelState(read.at, 1, 0, arrival)
    return LevelState(pending.since, pending.count + 1, max(pending.gap, read.gap_ms), pending.came)


def _has_lasted(pending: LevelState, level: Level, channel: Channel, at: int, *, ends: bool) -> bool:
    """On: the limit was reached for the on-delay. Off: clear was passed for the off-delay."""
    delay = level.shown.off if ends else level.shown.on
    samples = delay.samples
    if ends and channel.rule.life_safety and pending.gap > channel.max_gap_ms:
        samples = max(samples, SAMPLES_ACROSS_A_GAP)
    return pending.count >= samples and at - pending.since >= delay.ms


def reached(side: Side, bound: float, value: float) -> bool:
    """Tells if a value is at a bound, or past it on its side."""
    return value >= bound if side is Side.ABOVE else value < bound


def highest_met(channel: Channel, value: float) -> int:
    """The rank of the highest level whose limit a value reaches; -1: it is within all of them."""
    return max(
        (level.rank for level in channel.levels if reached(level.side, level.limit, value)), default=-1
    )


def pends(state: ChannelState) -> bool:
    """Something has begun to change."""
    return any(level.count for level in state.levels)
