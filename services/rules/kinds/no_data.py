"""A point, or all of a station, has not been heard for some of its intervals."""

from schemas.plan import Comparator
from services.rules.comparators import Measurement
from services.rules.judging_plan import Channel


def words(_channel: Channel, _comparator: Comparator, read: Measurement) -> tuple[str, str]:
    """For how many."""
    return f"已{read.value:.0f}个周期无数据", f"no data for {read.value:.0f} intervals"
