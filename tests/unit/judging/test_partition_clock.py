"""A partition's clock: what moves it, what does not, and what a station keeps of a time that was wrong."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest
from support.engine_log import EPOCH, MINUTE, SECOND, T0
from support.monitor_city import POINTS, STATIONS, Sent, city_plan, event, frame, index_of, tick
from support.state_records import decode_header

from schemas.alerts import Alert
from schemas.headers import ce_headers
from schemas.outcomes import StationStateChanged
from schemas.topics import partition_of
from services.judging.partitions import Partition
from services.judging.processor import NeedsPlan, Processor
from services.judging.snapshots import encode_header
from services.rules.effects import AlertChanged, Cause, Decided
from services.runtime.following.positions import Position

INDEX = index_of(city_plan())
HOME = 3
ONE, OTHER = [name for name in STATIONS if partition_of(name) == HOME][:2]
HOUR = 60 * MINUTE
FAR = T0 + 73 * 365 * 24 * HOUR
DANGER = 45.0


@dataclass
class Running:
    """A partition under a plan; whatever a test sends it comes at the next offset."""

    clock_mode: str = "log"
    partition: Partition = field(default_factory=lambda: Partition(number=HOME, epoch=EPOCH, clock=T0))
    offset: int = 0
    alerts: list[Alert] = field(default_factory=list)
    conditions: list[StationStateChanged] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Both stations are expected to report."""
        processor = Processor("wall" if self.clock_mode == "wall" else "log")
        processor.begin(self.partition, INDEX, Cause(EPOCH, HOME, -1, T0))
        self.processor = processor

    def take(self, *records: Sent) -> None:
        """Judge them."""
        for record in records:
            groups = self.processor.judge(self.partition, replace(record, offset=self.offset))
            assert not isinstance(groups, NeedsPlan)
            self.offset += 1
            for effect in (effect for group in groups for effect in group.effects):
                if isinstance(effect, AlertChanged):
                    self.alerts.append(effect.alert)
                elif isinstance(effect, Decided) and isinstance(effect.outcome, StationStateChanged):
                    self.conditions.append(effect.outcome)

    def live(self, seconds: Iterable[int], ch4: float = 1.0) -> None:
        """Both stations report every 15 s, ticks come every 5 s."""
        for second in seconds:
            at = T0 + second * SECOND
            if second % 15 == 0:
                self.take(read(ONE, at, ch4), read(OTHER, at, ch4, source="gw-2"))
            self.take(tick(HOME, at))

    @property
    def silent(self) -> list[str]:
        """Stations that were said not to report."""
        return [one.station for one in self.conditions if one.state != "reporting"]


def read(station: str, at: int, ch4: float, *, source: str = "gw-1", stamp: int | None = None) -> Sent:
    """A frame of one scan of all points, which arrives ``at``."""
    stamp = at if stamp is None else stamp
    values = {POINTS[0]: ch4, **dict.fromkeys(POINTS[1:], 1.0)}
    told = {"station": station, "source": source, "boot": "b1", "seq": at // 1_000 % 10**6, "sent_at": stamp}
    value = json.dumps({**told, "nature": "real", "scans": [{"at": stamp, "values": values}]}).encode()
    return event("telemetry", station, HOME, value, at)


def unknown(at: int, source: str = "gw-9") -> Sent:
    """A frame that is rejected: of a station that the plan does not know."""
    name = next(f"nobody-{n}" for n in range(99) if partition_of(f"nobody-{n}") == HOME)
    return read(name, at, 1.0, source=source)


@pytest.fixture
def running() -> Running:
    """A partition that has run for two minutes."""
    one = Running()
    one.live(range(0, 121, 5))
    assert one.partition.clock == T0 + 120 * SECOND
    one.conditions.clear()
    return one


WILD = {
    "a rejected frame of 2099": [unknown(FAR)],
    "a frame of 2099": [read(ONE, FAR, 1.0, stamp=T0 + 121 * SECOND)],
    "a frame of 2099, stamped so": [read(ONE, FAR, 1.0)],
    "an hour ahead for one record": [read(ONE, T0 + HOUR, 1.0, stamp=T0 + 121 * SECOND)],
    "one tick": [tick(HOME, FAR)],
    "two ticks": [tick(HOME, FAR)] * 2,
    "many records of one source": [unknown(FAR + n) for n in range(20)],
    "records that do not agree": [
        read(ONE, T0 + HOUR, 1.0), unknown(T0 + 2 * HOUR, "gw-8"), tick(HOME, T0 + 3 * HOUR)
    ],
    "one more minute and a millisecond": [read(ONE, T0 + 180 * SECOND + 1, 1.0)],
    "an hour back": [read(ONE, T0 - HOUR, 1.0), tick(HOME, T0 - HOUR)],
}  # fmt: skip


@pytest.mark.parametrize("records", WILD.values(), ids=WILD)
def test_what_few_say_of_the_time_moves_nothing(running: Running, records: list[Sent]) -> None:
    """Nobody falls silent for it, and whatever comes after it is judged, the same station's, too."""
    running.take(*records)
    assert running.partition.clock == T0 + 120 * SECOND
    assert running.silent == []
    running.live(range(125, 600, 5))
    assert running.partition.clock == T0 + 595 * SECOND
    assert running.silent == []
    before = len(running.alerts)
    running.live(range(600, 625, 5), DANGER)
    assert {alert.station_id for alert in running.alerts[before:] if alert.severity == "critical"} == {
        ONE,
        OTHER,
    }
    running.live(range(625, 720, 5))
    running.take(*(tick(HOME, T0 + second * SECOND) for second in range(720, 1_000, 5)))
    assert set(running.silent) == {ONE, OTHER}


def test_a_record_is_judged_by_its_own_arrival_until_it_is_believed(running: Running) -> None:
    """A danger does not wait for the clock: after an hour without a record the first one raises it."""
    running.take(read(ONE, T0 + HOUR, DANGER))
    assert [alert.severity for alert in running.alerts] == ["critical"]
    assert running.alerts[0].detected_at == T0 + HOUR
    assert running.partition.clock == T0 + 120 * SECOND


JUMPS = {
    "three ticks": [tick(HOME, T0 + HOUR + n * 5 * SECOND) for n in range(3)],
    "three records of two sources": [
        read(ONE, T0 + HOUR, 1.0), unknown(T0 + HOUR), read(ONE, T0 + HOUR + 10_000, 1.0)
    ],
    "two records and a tick": [
        read(ONE, T0 + HOUR, 1.0), read(ONE, T0 + HOUR + 5_000, 1.0), tick(HOME, T0 + HOUR + 10_000)
    ],
    "two ticks and a record that is rejected": [
        tick(HOME, T0 + HOUR), tick(HOME, T0 + HOUR + 5_000), unknown(T0 + HOUR + 10_000)
    ],
    "many of one source, then a tick": [
        *(read(ONE, T0 + HOUR + n * 1_000, 1.0) for n in range(10)), tick(HOME, T0 + HOUR + 10_000)
    ],
    "ticks at steps of two minutes": [tick(HOME, T0 + HOUR - n * 120 * SECOND + 10_000) for n in (2, 1, 0)],
}  # fmt: skip


@pytest.mark.parametrize("records", JUMPS.values(), ids=JUMPS)
def test_a_log_that_was_idle_goes_on_at_the_time_that_enough_records_tell(
    running: Running, records: list[Sent]
) -> None:
    """And what was judged meanwhile keeps its instants."""
    running.take(*records)
    assert running.partition.clock == T0 + HOUR + 10 * SECOND
    assert (running.partition.other_time, running.partition.ahead) == (None, set())
    running.live(range(3_615, 3_700, 5))
    assert running.partition.clock == T0 + 3_695 * SECOND


def test_who_was_heard_before_the_jump_was_believed_is_not_silent_after_it(running: Running) -> None:
    """Its arrival is kept, and counts once the clock has come to it."""
    running.take(
        *(read(name, T0 + HOUR, 1.0) for name in (ONE, OTHER)),
        *(tick(HOME, T0 + HOUR + n * 5 * SECOND) for n in range(1, 4)),
    )
    assert running.partition.clock == T0 + HOUR + 15 * SECOND
    assert running.silent == []


def test_a_clock_that_was_set_back_is_followed_and_nothing_is_kept_beyond_it(running: Running) -> None:
    """A broker's clock was an hour ahead for ten minutes: then nobody is silent, and silence is found."""
    running.live(range(3_600, 4_200, 5))
    assert running.partition.clock == T0 + 4_195 * SECOND
    running.conditions.clear()
    running.live(range(720, 760, 5))
    assert running.partition.clock == T0 + 755 * SECOND
    running.live(range(760, 1_500, 5))
    states = running.partition.states
    arrivals = [point.heard for state in states.values() for point in state.hot.points.values()]
    assert max(arrivals) <= running.partition.clock
    assert running.silent == []
    running.live(range(1_500, 1_530, 5), DANGER)
    assert {alert.station_id for alert in running.alerts if alert.severity == "critical"} == {ONE, OTHER}
    running.take(*(tick(HOME, T0 + second * SECOND) for second in range(1_530, 1_800, 5)))
    assert set(running.silent) == {ONE, OTHER}


def test_the_first_record_of_a_partition_is_believed_until_enough_say_otherwise() -> None:
    """There is nothing that it could be compared with."""
    running = Running(partition=Partition(number=HOME, epoch=EPOCH))
    running.take(unknown(FAR))
    assert running.partition.clock == FAR
    running.live(range(0, 15, 5))
    assert running.partition.clock == T0 + 10 * SECOND


def test_under_clock_wall_records_that_nobody_can_read_are_one_origin() -> None:
    """Whatever their number: a broker whose clock was ahead for a while leaves nothing behind."""
    running = Running("wall")
    broken = Sent(ONE.encode(), b"{", ce_headers("telemetry", "x", "i"), HOME, timestamp=T0 + HOUR)
    running.take(*[broken] * 5)
    assert running.partition.clock == T0
    running.take(replace(frame(ONE, 0, 1.0, partition=HOME), timestamp=T0 + HOUR))
    assert running.partition.clock == T0 + HOUR


def test_a_restart_goes_on_with_the_voices_that_were_heard(running: Running) -> None:
    """They stand in the header; one of an earlier release has none."""
    running.take(tick(HOME, T0 + HOUR), read(ONE, T0 + HOUR, 1.0))
    header = running.partition.header(Position(EPOCH, running.offset, None), "log")
    found = decode_header(encode_header(header))
    assert found == header
    assert (found.other_time, found.ahead) == (running.partition.other_time, (ONE,))
    running.partition = replace(
        running.partition, other_time=found.other_time, ahead=set(found.ahead), changed={}
    )
    running.take(tick(HOME, T0 + HOUR))
    assert running.partition.clock == T0 + HOUR


def test_what_is_brought_back_is_written_in_full(running: Running) -> None:
    """A hot part of the same event would not count beside the full one."""
    running.take(read(ONE, FAR, DANGER))
    running.partition.changed.clear()
    running.take(tick(HOME, T0 + 125 * SECOND))
    assert running.partition.changed[ONE]
