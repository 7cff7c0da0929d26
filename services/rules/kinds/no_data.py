"""A point, or all of a station, has not been heard for some of its intervals."""

from schemas.plan import Comparator
from services.rules.arranged import Channel
from services.rules.headline import Shown


def words(_channel: Channel, _comparator: Comparator, shown: Shown) -> tuple[str, str]:
    """For how many."""
    return f"已{shown.measured:.0f}个周期无数据", f"no data for {shown.measured:.0f} intervals"
