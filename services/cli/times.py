"""Times as the city reads them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")


def local(ms: int) -> str:
    """Epoch ms as the city's date and time, e.g. ``2026-01-13 19:00:05``."""
    return f"{datetime.fromtimestamp(ms / 1000, CITY_ZONE):%Y-%m-%d %H:%M:%S}"


def both(ms: int) -> str:
    """Epoch ms in the city's zone and in UTC."""
    return f"{local(ms)} {CITY_ZONE.key} ({datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC)"


def span(ms: int) -> str:
    """A length of time in its largest unit, e.g. ``3 min``."""
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min")):
        if ms >= size:
            return f"{ms // size} {unit}"
    return f"{ms // 1000} s"
