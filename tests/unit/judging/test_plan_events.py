"""Plan events are single-use, numbered, of one log, and judged by the later of clock and arrival."""

from dataclasses import replace
from typing import Any

import pytest
from support.engine_log import EPOCH, MINUTE, SECOND, T0
from support.monitor_city import STATIONS, Sent, city_plan, event, index_of, tick
from support.state_records import decode_header

from schemas.rejects import RejectReason
from schemas.topics import control_key, partition_of
from services.judging.partitions import Partition
from services.judging.processor import NeedsPlan, Processor
from services.judging.snapshots import encode_header
from services.rules.effects import Rejected
from services.runtime.following.positions import Position
from services.runtime.signing import SigningKey, sign_plan_event

HOME = partition_of(STATIONS[0])
ONE, OTHER = index_of(city_plan()), index_of(city_plan(limit=35.0))
PLANS = {plan.plan_id: plan for plan in (ONE, OTHER)}
ANOTHER_LOG = EPOCH[:-1] + "7"
UNNUMBERED = {"number": None, "epoch": None}


class Running:
    """A partition that is judged record by record."""

    def __init__(self, processor: Processor, publisher: SigningKey) -> None:
        self.processor = processor
        self.key = publisher
        self.partition = Partition(number=HOME, epoch=EPOCH)
        self.offset = 0

    def take(self, record: Sent) -> str:
        """Why a record is refused; empty: it is taken."""
        record = replace(record, offset=self.offset)
        self.offset += 1
        groups = self.processor.judge(self.partition, record)
        if isinstance(groups, NeedsPlan):
            refused = self.processor.believe(self.partition, groups, self.key.public_key)
            plan = PLANS.get(groups.event.plan)
            groups = self.processor.activate(self.partition, groups, plan) if refused is None else refused
        effects = [effect for group in groups for effect in group.effects]
        details = [effect.rejection.detail for effect in effects if isinstance(effect, Rejected)]
        assert len(details) <= 1
        return details[0] if details else ""

    def signed(self, plan: str, number: int | None, at: int = T0, **changes: Any) -> Sent:
        """A plan event, valid for ten minutes."""
        fields = {"actor": "li", "issued": at, "expires": at + 10 * MINUTE, "epoch": EPOCH, **changes}
        signed = sign_plan_event(self.key, plan, number=number, **fields)
        return arrived(signed.model_dump_json(exclude_none=number is None).encode(), at)

    def active(self) -> str | None:
        """The plan that the partition is judged by."""
        return None if self.partition.plan is None else self.partition.plan.plan_id


def arrived(value: bytes, at: int) -> Sent:
    """The record of a plan event."""
    return event("plan", control_key(HOME), HOME, value, at)


@pytest.fixture
def running(processor: Processor, publisher: SigningKey) -> Running:
    """A new partition."""
    return Running(processor, publisher)


@pytest.mark.parametrize("numbers", [(1, 2), (None, None)], ids=["numbered", "of release 0.1"])
def test_a_copy_of_an_earlier_plan_event_is_refused(
    running: Running, numbers: tuple[int | None, int | None]
) -> None:
    """Nobody needs a key to copy a record; the plan that was published last stays."""
    changes = UNNUMBERED if numbers[0] is None else {}
    first = running.signed(ONE.plan_id, **{"number": numbers[0], **changes})
    second = running.signed(OTHER.plan_id, at=T0 + SECOND, **{"number": numbers[1], **changes})
    assert [running.take(first), running.take(second)] == ["", ""]
    reason = "repeated" if numbers[0] is None else "number_not_rising"
    for copy in (first, second, arrived(first.value or b"", T0 + MINUTE)):
        assert running.take(copy).endswith(f"of publisher: {reason}")
    assert running.active() == OTHER.plan_id


def test_each_fault_of_a_plan_event_has_its_reason(running: Running) -> None:
    """Signed for another log, a number that does not rise, none behind one that has a number."""
    assert running.take(running.signed(ONE.plan_id, 7)) == ""
    cases = [
        (running.signed(OTHER.plan_id, 8, epoch=ANOTHER_LOG), "another_epoch"),
        (running.signed(OTHER.plan_id, 8, epoch=None), "another_epoch"),
        (running.signed(OTHER.plan_id, None, epoch=ANOTHER_LOG), "another_epoch"),
        (running.signed(OTHER.plan_id, 7), "number_not_rising"),
        (running.signed(OTHER.plan_id, 6), "number_not_rising"),
        (running.signed(OTHER.plan_id, None, epoch=None), "unnumbered"),
    ]
    for record, reason in cases:
        assert running.take(record) == f"plan {OTHER.plan_id[:12]} of publisher: {reason}"
    assert running.active() == ONE.plan_id
    assert running.take(running.signed(OTHER.plan_id, 8)) == ""


def test_an_expired_plan_event_does_not_come_back_under_an_earlier_time(running: Running) -> None:
    """Under clock=log whoever writes a record says when it arrived; the partition knows how late it is.

    Whether it was taken before or not, and whether it has a number or none.
    """
    numbered, old = running.signed(ONE.plan_id, 3), running.signed(ONE.plan_id, None, epoch=None)
    for record in (numbered, old):
        assert running.take(tick(HOME, T0 + 11 * MINUTE)) == ""
        assert running.take(record).endswith("expired")
    assert running.active() is None


def test_a_forged_number_or_epoch_breaks_the_signature(running: Running) -> None:
    """Both are covered, and so is that they are missing."""
    signed = running.signed(ONE.plan_id, 3)
    value = signed.value or b""
    forged = [
        value.replace(b'"number":3', b'"number":4'),
        value.replace(EPOCH.encode(), ANOTHER_LOG.encode()),
        value.replace(b'"number":3', b'"number":null').replace(f'"{EPOCH}"'.encode(), b"null"),
    ]
    for one in forged:
        assert one != value
        assert running.take(arrived(one, T0)).endswith("bad_signature")
    assert running.take(signed) == ""


def test_the_number_survives_a_restart(running: Running) -> None:
    """It stands in the partition's header; of events without a number their ids do."""
    first = running.signed(ONE.plan_id, None, epoch=None)
    assert running.take(first) == ""
    header = decode_header(encode_header(running.partition.header(Position(EPOCH, 5, None), "log")))
    again = Running(running.processor, running.key)
    again.partition = replace(running.partition, plan_events=header.plan_events)
    assert again.take(first).endswith("repeated")
    assert again.take(running.signed(OTHER.plan_id, 5, at=T0 + SECOND)) == ""
    header = decode_header(encode_header(again.partition.header(Position(EPOCH, 9, None), "log")))
    assert header.plan_events.number == 5
    running.partition = replace(again.partition, plan_events=header.plan_events)
    assert running.take(running.signed(ONE.plan_id, 5)).endswith("number_not_rising")


def test_ids_are_forgotten_once_they_have_expired(running: Running) -> None:
    """By then the event is refused as such: what a partition remembers has a bound."""
    for number in range(30):
        running.take(running.signed(ONE.plan_id, None, at=T0 + number * MINUTE, epoch=None))
    assert len(running.partition.plan_events.ids) <= 10


def test_a_plan_event_whose_plan_is_missing_is_used_up(running: Running) -> None:
    """A copy of it, once the parts are there, changes nothing: the publisher's next one does."""
    missing = running.signed("e" * 64, 2)
    assert "is not in the topic plans" in running.take(missing)
    assert running.take(missing).endswith("number_not_rising")


def test_what_is_refused_is_rejected_as_a_bad_signature(running: Running, processor: Processor) -> None:
    """The reason stands in the detail, as of every signed event that is not believed."""
    record = replace(running.signed(ONE.plan_id, 1, epoch=ANOTHER_LOG), offset=0)
    needed = processor.judge(running.partition, record)
    assert isinstance(needed, NeedsPlan)
    refused = processor.believe(running.partition, needed, running.key.public_key)
    assert refused is not None
    (effect,) = refused[0].effects
    assert isinstance(effect, Rejected)
    assert effect.rejection.reason is RejectReason.BAD_SIGNATURE
