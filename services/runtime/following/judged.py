"""How far the city is judged: what the monitor's workers say of their partitions, weighed. No I/O.

Everything that says LIVE rests on ``weigh``: the console by what it reads on ``alerts`` itself, ``miyun
status`` by what the recorder keeps of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.topics import EVENT_PARTITIONS, JUDGED_EVERY_S
from services.runtime.words import ByLanguage, Words, sentence

FRESH_WITHIN_S = 3 * JUDGED_EVERY_S
"""A partition of which nothing was said for so long has no worker."""
MAX_BEHIND_MS = 60_000
HOUR_MIN = 60


class Doubt(StrEnum):
    """The reasons for which what is shown is not what is judged now."""

    MONITOR = "monitor"
    """No partition has a worker."""
    PARTITION = "partition"
    """Some have none."""
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said last of a partition, and when that was said (seconds of a clock of the reader's).

    ``clock``: until when it was judged (epoch ms; 0: nothing there has a time yet); ``behind_ms``: how far
    that was behind then.
    """

    clock: int
    behind_ms: int
    said_s: float


@dataclass(frozen=True, slots=True)
class Judging:
    """The verdict; without ``doubt`` what is shown is what is.

    ``behind_ms`` and ``until`` (epoch ms) are of the partition that is furthest behind; None: nothing was
    said yet. ``silent``: the partitions without a worker.
    """

    doubt: Doubt | None = None
    silent: tuple[int, ...] = ()
    behind_ms: int = 0
    until: int | None = None


def weigh(heard: Mapping[int, Heard], *, now_s: float, ends: Mapping[int, int]) -> Judging:
    """Weigh what was heard of the partitions of ``events``.

    ``ends``: the arrivals of their last records (epoch ms), as far as known. Behind is counted against them,
    not against a clock on the wall: the log of a city that is made at full speed has other times.
    """
    silent = tuple(
        number
        for number in range(EVENT_PARTITIONS)
        if number not in heard or now_s - heard[number].said_s > FRESH_WITHIN_S
    )
    lags = {number: _behind_ms(one, ends.get(number, 0)) for number, one in heard.items()}
    slowest = max(lags, key=lags.__getitem__, default=None)
    behind_ms = 0 if slowest is None else lags[slowest]
    until = None if slowest is None else heard[slowest].clock
    return Judging(_doubt(silent, behind_ms), silent, behind_ms, until)


def _behind_ms(one: Heard, end: int) -> int:
    return max(one.behind_ms, end - one.clock) if one.clock else one.behind_ms


def _doubt(silent: tuple[int, ...], behind_ms: int) -> Doubt | None:
    if len(silent) == EVENT_PARTITIONS:
        return Doubt.MONITOR
    if silent:
        return Doubt.PARTITION
    return Doubt.BEHIND if behind_ms > MAX_BEHIND_MS else None


DOUBT: Words = {
    Doubt.MONITOR: {"zh": "监测引擎未运行,告警不再更新", "en": "no monitor runs: alerts are not judged"},
    Doubt.PARTITION: {
        "zh": "分区 {partitions} 没有监测引擎判定,其站点的告警不再更新",
        "en": "no monitor judges partition {partitions}: alerts of the stations there are not judged",
    },
    Doubt.BEHIND: {
        "zh": "判定落后 {age}:这段时间的告警还没有出现",
        "en": "judging is {age} behind: the alerts of that time are still to come",
    },
}
"""What a doubt means for who looks at alerts."""
AGE: Words = {
    "minutes": {"zh": "{minutes} 分钟", "en": "{minutes} min"},
    "hours": {"zh": "{hours} 小时 {minutes} 分", "en": "{hours} h {minutes} min"},
}


def doubt_words(judging: Judging) -> ByLanguage | None:
    """The doubt in words; None: there is none."""
    if judging.doubt is None:
        return None
    partitions = ", ".join(map(str, judging.silent))
    return sentence(DOUBT, judging.doubt, partitions=partitions, age=age_words(judging.behind_ms))


def age_words(length_ms: int) -> ByLanguage:
    """A length of time in minutes, or hours and minutes."""
    hours, minutes = divmod(length_ms // 60_000, HOUR_MIN)
    return sentence(AGE, "hours" if hours else "minutes", hours=hours, minutes=minutes)
