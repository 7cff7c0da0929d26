"""How fast a value rises or drops."""

from services.rules.judging_plan import Channel
from services.rules.pipeline.levels import Reading
from services.rules.state.working import WorkingState


def measure(working: WorkingState, channel: Channel, read: Reading) -> float | None:
    """(last - first) / (t_last - t_first) over the window, or from the last scan before it.

    Less than half a window says nothing: over so short a time noise looks like speed.
    """
    rate, at, windows = channel.rule.rate, read.at, working.hot.windows
    assert rate is not None
    before = () if read.gap_ms > channel.bridge_ms else windows.get(channel.key, ())
    inside = tuple(sample for sample in before if at - sample[0] <= rate.window_ms)
    older = before[len(before) - len(inside) - 1 : len(before) - len(inside)]
    windows[channel.key] = (*older, *inside, (at, read.value, 1))
    is_long = bool(inside) and 2 * (at - inside[0][0]) >= rate.window_ms
    first = inside[:1] if is_long else older
    if not first:
        return None
    moved = (read.value - first[0][1]) / (at - first[0][0]) * rate.per_ms * rate.factor
    return moved if rate.direction == "rise" else -moved
