"""The guard tells our log from another, and says why."""

from dataclasses import dataclass, replace

import pytest
from support.engine_log import EPOCH
from support.monitor_city import Sent

from schemas.base import ClockMode
from schemas.headers import ce_headers
from services.runtime.following.positions import Position
from services.streaming.guard import LogSeen, decide, identity


@dataclass(frozen=True)
class Header:
    """As little of a header as the guard asks for."""

    position: Position
    clock_mode: ClockMode = "log"


HEADER = Header(Position(EPOCH, 100, "frame-99"))
SEEN = LogSeen(epoch=EPOCH, clock_mode="log", start=0, end=500, committed=100, marker="frame-99")


def test_a_partition_without_a_header_is_new_and_begins_at_the_logs_start() -> None:
    """Also when something was committed: what was committed without a header covers nothing."""
    verdict = decide(None, replace(SEEN, start=7))
    assert (verdict.decision, verdict.begin) == ("new_partition", 7)


@pytest.mark.parametrize(
    "seen",
    [
        SEEN,
        replace(SEEN, committed=None),
        replace(SEEN, committed=40),
        replace(SEEN, end=100),
        replace(SEEN, start=99),
        replace(SEEN, start=100, marker=None),
    ],
    ids=["same", "no commit", "older commit", "all read", "only the marker is left", "marker expired"],
)
def test_the_same_log_goes_on_at_the_headers_next(seen: LogSeen) -> None:
    """However much of what was judged retention has deleted, and however old the commit is."""
    verdict = decide(HEADER, seen)
    assert (verdict.decision, verdict.begin) == ("go_on", 100)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (replace(SEEN, marker="frame-x"), "expected frame-99 at offset 99, found frame-x"),
        (replace(SEEN, marker=None), "found nothing"),
        (replace(SEEN, end=99), "expected at least 100 records, found 99"),
        (replace(SEEN, committed=101), "at most 100, found 101"),
        (replace(SEEN, epoch=EPOCH[:-1] + "9"), "expected epoch"),
        (replace(SEEN, clock_mode="wall"), "expected clock=log, found clock=wall"),
    ],
)
def test_another_log_is_told_by_its_epoch_clock_length_commit_or_last_event(seen: LogSeen, said: str) -> None:
    """Each alone is enough, and the reason names what was expected and found."""
    verdict = decide(HEADER, seen)
    assert verdict.decision == "another_log"
    assert said in verdict.reason


@pytest.mark.parametrize("start", [0, 90, 91, 100])
def test_the_last_record_may_stand_before_markers(start: int) -> None:
    """Its offset is told by the position; once retention has taken it, it proves nothing either way."""
    header = Header(Position(EPOCH, 100, "frame-90", 90))
    seen = replace(SEEN, start=start, marker="frame-90" if start <= 90 else None)
    assert decide(header, seen).decision == "go_on"
    if start <= 90:
        other = decide(header, replace(seen, marker=None))
        assert other.reason == "expected frame-90 at offset 90, found nothing"


def test_a_log_that_begins_beyond_next_is_a_gap() -> None:
    """The lost records are counted; reading goes on where the log begins."""
    verdict = decide(HEADER, replace(SEEN, start=130, marker=None))
    assert (verdict.decision, verdict.begin) == ("input_gap", 130)
    assert "30 records from 100" in verdict.reason


def test_a_header_without_a_last_event_is_believed_by_its_epoch() -> None:
    """So it stands right after an input gap, before anything new was judged."""
    assert decide(Header(Position(EPOCH, 100, None)), replace(SEEN, marker=None)).decision == "go_on"


def test_a_record_is_known_by_its_id_or_else_by_its_bytes() -> None:
    """Foreign records without ``ce_id`` are recognised, too."""
    assert identity(Sent(b"k", b"v", ce_headers("tick", "s", "id-1"), 0)) == "id-1"
    assert identity(Sent(b"k", b"v", [], 0)) == identity(Sent(b"other", b"v", [], 1))
    assert identity(Sent(b"k", b"v", [], 0)) != identity(Sent(b"k", b"w", [], 0))
    assert identity(Sent(b"k", None, [], 0)).startswith("sha256:")


@pytest.mark.parametrize(
    ("header", "seen", "begin"),
    [
        (None, SEEN, 100),
        (None, replace(SEEN, start=150), 150),
        (None, replace(SEEN, end=90), 90),
        (HEADER, replace(SEEN, committed=140), 140),
        (HEADER, SEEN, 100),
        (HEADER, replace(SEEN, committed=None), 100),
    ],
)
def test_a_header_that_cannot_be_read_costs_no_judgement(
    header: Header | None, seen: LogSeen, begin: int
) -> None:
    """What is committed was so behind a header: judging goes on there, or behind an earlier header."""
    verdict = decide(header, seen, lost="truncated")
    assert (verdict.decision, verdict.begin) == ("go_on", begin)


@pytest.mark.parametrize(
    ("header", "seen", "decision"),
    [
        (None, replace(SEEN, committed=None, start=7), "new_partition"),
        (HEADER, replace(SEEN, epoch=EPOCH[:-1] + "9", committed=140), "another_log"),
        (HEADER, replace(SEEN, marker="frame-x"), "another_log"),
    ],
)
def test_a_header_that_cannot_be_read_makes_no_log_ours(
    header: Header | None, seen: LogSeen, decision: str
) -> None:
    """Nothing committed is nothing judged; an earlier header of another log still says so."""
    assert decide(header, seen, lost="truncated").decision == decision
