"""A point, or all of a station, has not been heard for some of its intervals."""

from schemas.plan import Comparator
from services.rules.judging_plan import Channel
from services.rules.pipeline.levels import Reading


def words(_channel: Channel, _comparator: Comparator, read: Reading) -> tuple[str, str]:
    """For how many."""
    return f"已{read.value:.0f}个周期无数据", f"no data for {read.value:.0f} intervals"
