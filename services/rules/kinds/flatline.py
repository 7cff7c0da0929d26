"""A reading that does not move: the instrument may be stuck (JUDGING 6).

Only where the register states by how much a working one moves, and within what time. Never at an end of the
range, and not while a rule's gate of the point is closed: a pump that stands still reads the same for hours.
"""

from schemas.plan import Comparator
from services.rules.judging_plan import Channel, gate_open
from services.rules.pipeline.levels import Reading
from services.rules.state.working import WorkingState
from services.rules.words.headline import about, number


def measure(working: WorkingState, channel: Channel, read: Reading) -> float | None:
    """For how long the reading has stayed within the least change, in spans of the register."""
    point, windows = channel.point, working.hot.windows
    assert point.flatline is not None
    if not point.low < read.value < point.high or not gate_open(channel.gate, read.at):
        windows.pop(channel.key, None)
        return None
    since, value, _ = windows.get(channel.key, ((read.at, read.value, 1),))[0]
    if abs(read.value - value) >= point.flatline.least or read.gap_ms > channel.bridge_ms or since > read.at:
        since, value = read.at, read.value
    windows[channel.key] = ((since, value, 1),)
    return (read.at - since) / point.flatline.within_ms


def words(channel: Channel, _comparator: Comparator, read: Reading) -> tuple[str, str]:
    """For how long, at what."""
    assert channel.point.flatline is not None
    zh, en = about(round(read.value * channel.point.flatline.within_ms))
    raw = "" if read.raw is None else f"{number(read.raw)} {channel.point.unit}".rstrip()
    return f"{zh}内读数不变({raw})", f"unchanged at {raw} for {en}"
