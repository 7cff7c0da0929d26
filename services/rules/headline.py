"""The one line that the feed, messages and the command line print: place, what, limit, how long."""

from schemas.alerts import Headline
from schemas.plan import Comparator, Delay, Measure, Side
from services.rules.index import Channel, StationPlan

METHANE_LEL_PERCENT_VOL = 5.0
"""Lower explosive limit of methane in Chinese practice (DOMAIN 1.1): 20 %LEL = 1.0 %VOL."""
STEADY_SHARE = 0.02
"""A change below this share of the limit is no trend."""


def headline(
    channel: Channel,
    place: StationPlan,
    comparator: Comparator,
    *,
    measured: float,
    before: float | None,
) -> Headline:
    """For example 鼓楼街道 新南路×鼓楼东大街 3号阀井 甲烷 32 %LEL(1.6 %VOL)≥20,连续2次,上升中.

    ``measured`` and ``before`` (the reading before it, None when there is none) are in the
    rule's unit.
    """
    sign = "≥" if comparator.side is Side.ABOVE else "<"
    value = _value_text(channel, measured)
    limit = number(comparator.limit)
    zh_lasted, en_lasted = _lasted(comparator.on)
    zh_trend, en_trend = _trend(measured, before, comparator.limit)
    place_zh = f"{place.town.zh} {place.station.name.zh} {channel.point.name.zh}"
    place_en = f"{place.town.en}, {place.station.name.en}, {channel.point.name.en}"
    return Headline(
        zh=",".join(filter(None, (f"{place_zh} {value}{sign}{limit}", zh_lasted, zh_trend))),
        en=", ".join(filter(None, (f"{place_en} {value} {sign} {limit}", en_lasted, en_trend))),
    )


def number(value: float) -> str:
    """Three significant digits without an exponent and without trailing zeros."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value_text(channel: Channel, measured: float) -> str:
    main = f"{number(measured)} {channel.rule.unit}"
    if channel.rule.measure is not Measure.VALUE:
        raw = (measured - channel.shift) / channel.scale
        return f"{main}({number(raw)} {channel.point.unit})"
    if channel.rule.unit == "%LEL":
        return f"{main}({number(measured * METHANE_LEL_PERCENT_VOL / 100)} %VOL)"
    return main


def _lasted(delay: Delay) -> tuple[str, str]:
    if delay.samples > 1:
        return f"连续{delay.samples}次", f"{delay.samples} in a row"
    if delay.ms == 0:
        return "", ""
    seconds = delay.ms // 1000
    for size, zh, en in ((3600, "小时", "h"), (60, "分钟", "min")):
        if seconds % size == 0:
            return f"持续{seconds // size}{zh}", f"for {seconds // size} {en}"
    return f"持续{seconds}秒", f"for {seconds} s"


def _trend(measured: float, before: float | None, limit: float) -> tuple[str, str]:
    if before is None or abs(measured - before) <= STEADY_SHARE * abs(limit):
        return "", ""
    return ("上升中", "rising") if measured > before else ("下降中", "falling")
