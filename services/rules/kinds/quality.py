"""An instrument cannot be trusted."""

from schemas.kinds import Measure
from schemas.plan import Comparator
from services.rules.judging_plan import Channel
from services.rules.pipeline.levels import Reading


def words(channel: Channel, _comparator: Comparator, read: Reading) -> tuple[str, str]:
    """Since when its calibration is overdue, or how often it gave nothing usable."""
    if channel.rule.measure is Measure.DAYS_PAST_CALIBRATION:
        days = f"{read.value:.0f}"
        return f"校准已过期{days}天", f"calibration overdue by {days} days"
    return f"连续{read.value:.0f}次读数不可用", f"{read.value:.0f} unusable readings in a row"
