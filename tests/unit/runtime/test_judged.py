"""What is shown is live while every partition is judged, and none is behind."""

from typing import Any

import pytest

from schemas.topics import EVENT_PARTITIONS
from services.runtime.clock import PartitionEnd
from services.runtime.following.judged import (
    FRESH_WITHIN_S,
    MAX_BEHIND_MS,
    Doubt,
    Heard,
    age_words,
    doubt_words,
    weigh,
)

NOW_S = 1_000.0
CLOCK = 1_768_302_000_000
DAY_MS = 86_400_000


def heard(**changes: Any) -> dict[int, Heard]:
    """All partitions as they are when all is well; ``p3``: of partition 3, None: nothing was heard of it."""
    said = {number: Heard(CLOCK, 0, NOW_S - 5) for number in range(EVENT_PARTITIONS)}
    given = {int(name[1:]): one for name, one in changes.items()}
    return {number: one for number, one in (said | given).items() if one is not None}


@pytest.mark.parametrize(
    ("said", "ends", "doubt", "behind_ms"),
    [
        (heard(), {}, None, 0),
        (heard(), {3: CLOCK + MAX_BEHIND_MS}, None, MAX_BEHIND_MS),
        (heard(), {3: CLOCK + MAX_BEHIND_MS + 1}, Doubt.BEHIND, MAX_BEHIND_MS + 1),
        (heard(), {3: CLOCK - DAY_MS}, None, 0),
        (heard(p3=Heard(CLOCK, 60_001, NOW_S)), {}, Doubt.BEHIND, 60_001),
        (heard(p3=Heard(CLOCK - DAY_MS, 0, NOW_S)), {}, None, 0),
        (heard(p3=Heard(0, 0, NOW_S)), {3: CLOCK}, None, 0),
        (heard(p3=Heard(CLOCK, 0, NOW_S - FRESH_WITHIN_S)), {}, None, 0),
        (heard(p3=Heard(CLOCK, 0, NOW_S - FRESH_WITHIN_S - 0.1)), {}, Doubt.PARTITION, 0),
        (heard(p3=None), {}, Doubt.PARTITION, 0),
        (heard(p3=None, p4=Heard(CLOCK, DAY_MS, NOW_S)), {}, Doubt.PARTITION, DAY_MS),
        ({}, {3: CLOCK}, Doubt.MONITOR, 0),
        ({n: Heard(CLOCK, 0, NOW_S - 60) for n in range(EVENT_PARTITIONS)}, {}, Doubt.MONITOR, 0),
    ],
    ids=[
        "all is well", "a minute behind the end", "more than a minute", "a log that stands still",
        "behind by its own word", "no record for a day, none waits", "nothing there has a time", "just fresh",
        "silent for too long", "never heard of", "silent, another one behind", "nothing heard", "all silent",
    ],
)  # fmt: skip
def test_the_slowest_partition_decides(
    said: dict[int, Heard], ends: dict[int, int], doubt: Doubt | None, behind_ms: int
) -> None:
    """By what it says itself, and by where its log ends now; a silent one is worse than a slow one."""
    judging = weigh(said, now_s=NOW_S, ends=ends)
    assert (judging.doubt, judging.behind_ms) == (doubt, behind_ms)


def test_a_doubt_says_what_it_means() -> None:
    """In both languages, with the partitions and how far behind."""
    assert doubt_words(weigh(heard(), now_s=NOW_S, ends={})) is None
    silent = doubt_words(weigh(heard(p3=None, p12=None), now_s=NOW_S, ends={}))
    assert silent is not None
    assert "分区 3, 12 没有监测引擎判定" in silent["zh"]
    behind = doubt_words(weigh(heard(), now_s=NOW_S, ends={0: CLOCK + 125 * 60_000}))
    assert behind is not None
    assert "判定落后 2 小时 5 分" in behind["zh"]
    assert "judging is 2 h 5 min behind" in behind["en"]
    assert age_words(61_000)["en"] == "1 min"


@pytest.mark.parametrize(
    ("arrivals", "arrival"),
    [
        ((), None),
        ((CLOCK,), CLOCK),
        ((CLOCK + DAY_MS * 26_000, CLOCK), CLOCK),
        ((CLOCK, CLOCK + 1, CLOCK + 2, CLOCK + 3), CLOCK + 1),
        ((CLOCK, CLOCK + 1, CLOCK + 2, CLOCK + DAY_MS * 26_000), CLOCK + 1),
    ],
    ids=["none", "one", "one of two is wild", "four", "one of four is wild"],
)
def test_one_wild_time_at_the_logs_end_moves_nothing(arrivals: tuple[int, ...], arrival: int | None) -> None:
    """A partition ends where three records say so."""
    assert PartitionEnd(7, arrivals).arrival == arrival
