"""An instrument cannot be trusted."""

from schemas.kinds import Measure
from schemas.plan import Comparator
from services.rules.arranged import Channel
from services.rules.headline import Shown


def words(channel: Channel, _comparator: Comparator, shown: Shown) -> tuple[str, str]:
    """Since when its calibration is overdue, or how often it gave nothing usable."""
    if channel.rule.measure is Measure.DAYS_PAST_CALIBRATION:
        days = f"{shown.measured:.0f}"
        return f"校准已过期{days}天", f"calibration overdue by {days} days"
    return f"连续{shown.measured:.0f}次读数不可用", f"{shown.measured:.0f} unusable readings in a row"
