"""The one line that the feed, messages and the command line print: place, what, limit, how long."""

from collections.abc import Sequence

from schemas.base import Bilingual
from schemas.kinds import PERCENTAGES, Side
from schemas.plan import Comparator, Delay, Share
from services.rules.judging_plan import Channel, Level, StationPlan
from services.rules.pipeline.levels import Reading, reached
from services.rules.state import LevelState

METHANE_LEL_PERCENT_VOL = 5.0
"""Lower explosive limit of methane in Chinese practice (DOMAIN 1.1): 20 %LEL = 1.0 %VOL."""
MAX_NAMES = 6
"""Points that a headline names."""
STEADY_SHARE = 0.02
"""A change below this share of the limit is no trend."""


def headline(
    channel: Channel, plan: StationPlan, level: Level, read: Reading, pending: LevelState
) -> Bilingual:
    """For example 鼓楼街道 新南路×鼓楼东大街 3号阀井 甲烷 32 %LEL(1.6 %VOL)≥20,连续2次,上升中."""
    is_beyond = reached(level.side, level.limit, read.value)
    if channel.own_words is not None:
        zh_what, en_what = channel.own_words(channel, level.shown, read)
    else:
        zh_what, en_what = _against_limit(channel, level.shown, read, is_beyond=is_beyond)
    lasted = _lasted(level.shown.on, pending, channel.max_gap_ms) if is_beyond else ("", "")
    trend = _trend(read.value, read.before, level.shown.limit)
    place_zh = f"{plan.town.zh} {plan.station.name.zh} {channel.point.name.zh}"
    place_en = f"{plan.town.en}, {plan.station.name.en}, {channel.point.name.en}"
    more = (read.said or ("", ""), lasted, trend)
    return Bilingual(
        zh=",".join(filter(None, (f"{place_zh} {zh_what}", *(zh for zh, _ in more)))),
        en=", ".join(filter(None, (f"{place_en} {en_what}", *(en for _, en in more)))),
    )


def number(value: float) -> str:
    """Three significant digits without an exponent and without trailing zeros."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _against_limit(
    channel: Channel, comparator: Comparator, read: Reading, *, is_beyond: bool
) -> tuple[str, str]:
    value = _value_text(channel, read)
    if isinstance(channel.point.computed, Share):
        return value, value
    limit = number(comparator.limit)
    zh, en = _manner(channel)
    if not is_beyond:
        # A de-escalated alert whose lowest level still waits for its off-delay.
        return f"{zh}{value},已回到限值{limit}以内", f"{en}{value}, back within {limit}"
    sign = "≥" if comparator.side is Side.ABOVE else "<"
    return f"{zh}{value}{sign}{limit}", f"{en}{value} {sign} {limit}"


def _manner(channel: Channel) -> tuple[str, str]:
    """Of a rate: which way; of a mean: over how long."""
    rate, mean_ms = channel.rule.rate, channel.rule.mean_ms
    if rate is not None:
        return ("上升", "rising by ") if rate.direction == "rise" else ("下降", "falling by ")
    if mean_ms is not None:
        zh, en = duration(mean_ms)
        return f"{zh}均值", f"{en} mean "
    return "", ""


def _value_text(channel: Channel, read: Reading) -> str:
    rule = channel.rule
    main = f"{number(read.value)} {rule.unit}"
    if rule.measure in PERCENTAGES and read.raw is not None:
        return f"{main}({number(read.raw)} {channel.point.unit})"
    if rule.unit == "%LEL":
        return f"{main}({number(read.value * METHANE_LEL_PERCENT_VOL / 100)} %VOL)"
    return main


def _lasted(delay: Delay, pending: LevelState, max_gap_ms: int) -> tuple[str, str]:
    """For how long, or in how many readings; where some are missing, with the longest time between two."""
    if pending.gap > max_gap_ms:
        zh, en = about(pending.gap)
        return f"{pending.count}次读数,最长间隔{zh}", f"{pending.count} readings, longest gap {en}"
    if delay.samples > 1:
        return f"连续{delay.samples}次", f"{delay.samples} in a row"
    if delay.ms == 0:
        return "", ""
    zh, en = duration(delay.ms)
    return f"持续{zh}", f"for {en}"


def duration(ms: int) -> tuple[str, str]:
    """A time in its largest whole unit, in both languages."""
    seconds = ms // 1000
    for size, zh, en in ((3600, "小时", "h"), (60, "分钟", "min")):
        if seconds % size == 0:
            return f"{seconds // size}{zh}", f"{seconds // size} {en}"
    return f"{seconds}秒", f"{seconds} s"


def about(ms: int) -> tuple[str, str]:
    """A time, rounded to its largest unit, in both languages."""
    for size, zh, en in ((86_400_000, "天", "d"), (3_600_000, "小时", "h"), (60_000, "分钟", "min")):
        if ms >= 2 * size or (size < 86_400_000 and ms >= 0.99 * size):
            return f"{ms / size:.0f}{zh}", f"{ms / size:.0f} {en}"
    return f"{ms / 1000:.0f}秒", f"{ms / 1000:.0f} s"


def clock_words(error_ms: int, *, stands: bool) -> tuple[str, str]:
    """Which way a device's clock is wrong, and how far."""
    if stands:
        return "时钟停走", "clock stands still"
    zh, en = about(abs(error_ms))
    return (f"时钟快{zh}", f"clock fast by {en}") if error_ms > 0 else (f"时钟慢{zh}", f"clock slow by {en}")


def silent_points_words(names: Sequence[Bilingual]) -> tuple[str, str] | None:
    """Which points are silent together; None: there is only one."""
    if len(names) < 2:
        return None
    zh, en = (
        "、".join(name.zh for name in names[:MAX_NAMES]),
        ", ".join(name.en for name in names[:MAX_NAMES]),
    )
    if len(names) > MAX_NAMES:
        return f"{zh}等{len(names)}个测点均中断", f"{len(names)} points are silent: {en} and others"
    return f"{zh}均中断", f"{len(names)} points are silent: {en}"


def _trend(measured: float, before: float | None, limit: float) -> tuple[str, str]:
    if before is None or abs(measured - before) <= STEADY_SHARE * abs(limit):
        return "", ""
    return ("上升中", "rising") if measured > before else ("下降中", "falling")
