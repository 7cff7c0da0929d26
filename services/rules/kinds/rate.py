"""How fast a value rises or drops.

Of an instrument that reads in steps, short means are compared, and what a step may feign is taken off: one
that reads in coarse steps shows a change only when it is sure (JUDGING 6).
"""

from math import ceil, copysign

from services.rules.judging_plan import Channel
from services.rules.pipeline.levels import Reading
from services.rules.state import Window
from services.rules.state.working import WorkingState

STEPS = 4
"""So many readings a step of the limit's change: a mean of them moves by a quarter of it at most."""


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
    samples, step = windows[channel.key], channel.point.resolution
    if step is None:
        before_at, before_value, _ = first[0]
        moved, in_ms = read.value - before_value, float(at - before_at)
    else:
        moved, in_ms = _of_means(samples, min(_readings_of_a_mean(channel, step), len(samples) // 2), step)
    speed = moved / in_ms * rate.per_ms * rate.factor
    return speed if rate.direction == "rise" else -speed


def _of_means(samples: Window, readings: int, step: float) -> tuple[float, float]:
    """By how much the mean of the last readings surely differs from that of the first, and their distance."""
    (then, before), (now, value) = _mean(samples[:readings]), _mean(samples[-readings:])
    moved = value - before
    return copysign(max(0.0, abs(moved) - step / readings), moved), now - then


def _readings_of_a_mean(channel: Channel, step: float) -> int:
    """So many that a step is a quarter of what the mildest limit asks for; 1: it is less anyway."""
    rate = channel.rule.rate
    assert rate is not None
    mildest = min(abs(level.shown.limit) for level in channel.levels) * rate.window_ms / rate.per_ms
    return max(1, ceil(STEPS * step * rate.factor / mildest)) if mildest else 1


def _mean(samples: Window) -> tuple[float, float]:
    """Of their times, and of their values."""
    times, values, _ = zip(*samples, strict=True)
    return sum(times) / len(samples), sum(values) / len(samples)
