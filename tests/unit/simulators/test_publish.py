"""What simulators send is what the contract decodes; city time and replays keep their order."""

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from schemas.codec import Decoded, decode
from schemas.events import Telemetry, Tick
from schemas.headers import ce_headers
from schemas.topics import EVENT_PARTITIONS, partition_of
from simulators.networks.station import Scanned
from simulators.running.city_clock import CityClock
from simulators.running.publish import EventRecord, FrameWriter, ticks
from simulators.running.recording import conversion, read_recording
from simulators.running.replay import Series, event_records
from simulators.running.replay_city import Target

T0 = 1_388_534_400_000
"""2014-01-01T00:00:00Z."""


@dataclass(frozen=True)
class Arrived:
    """An outgoing record as a consumer would see it."""

    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    offset: int = 0
    timestamp: int = 0


def _decoded(record: EventRecord) -> Decoded:
    headers = ce_headers(record.kind, record.source, record.ce_id, record.time)
    decoded = decode(Arrived(record.partition, record.key.encode(), record.value, headers), "log")
    assert isinstance(decoded, Decoded), decoded
    return decoded


def test_frames_decode_and_are_numbered_per_station() -> None:
    """seq counts from 0 without holes for each station; the arrival is the last scan's instant."""
    writer = FrameWriter(boot="b1", nature="simulated")
    scans = [Scanned(T0, {"p": 1.0}), Scanned(T0 + 1_000, {"p": 2.0})]
    sent = [
        writer.frame("gas-1", scans, source="sim-gas"),
        writer.frame("gas-2", scans, source="sim-gas"),
        writer.frame("gas-1", scans[1:], source="sim-gas"),
    ]
    frames = [_decoded(record) for record in sent]
    assert [frame.arrival for frame in frames] == [T0 + 1_000] * 3
    events = [frame.event for frame in frames]
    assert all(isinstance(event, Telemetry) for event in events)
    assert [(e.station, e.seq, e.boot, e.nature) for e in events if isinstance(e, Telemetry)] == [
        ("gas-1", 0, "b1", "simulated"),
        ("gas-2", 0, "b1", "simulated"),
        ("gas-1", 1, "b1", "simulated"),
    ]


def test_every_partition_gets_its_tick() -> None:
    """Sixteen ticks with the control key of their partition and the time in the header."""
    decoded = [_decoded(record) for record in ticks(T0, source="sim-city", boot="b1")]
    assert len(decoded) == EVENT_PARTITIONS
    assert all(isinstance(d.event, Tick) and d.arrival == T0 for d in decoded)
    assert len({d.ce_id for d in decoded}) == EVENT_PARTITIONS


def test_city_time_follows_the_wall_but_not_through_an_outage() -> None:
    """1x in half seconds; of a minute without a broker only 2 s count."""
    wall = [100.0]
    clock = CityClock(T0, wall=lambda: wall[0])
    assert clock.next_step() == T0
    wall[0] += 0.4
    assert clock.next_step() == T0
    wall[0] += 0.3
    assert clock.next_step() == T0 + 500
    clock.sent_up_to(T0 + 500)
    wall[0] += 0.8
    assert clock.next_step() == T0 + 1_500
    clock.sent_up_to(T0 + 1_500)
    wall[0] += 60.0
    assert clock.next_step() == T0 + 3_500
    clock.sent_up_to(T0 + 3_500)
    assert clock.next_step() == T0 + 3_500


def test_a_replay_keeps_the_files_order_and_time_never_runs_back(tmp_path: Path) -> None:
    """Ticks before each scan and through a gap, three at a time as they lie far apart."""
    path = tmp_path / "series.csv"
    minutes = (0, 5, 25, 5)
    rows = "".join(f"2014-01-01 00:{minute:02}:00,212\n" for minute in minutes)
    path.write_text("timestamp,value\n" + rows, encoding="utf-8")
    series = Series(
        recording=read_recording(path, UTC),
        target=Target(station="plant-1", point="t_c", every_s=300),
        source="recording",
        boot="b1",
        convert=conversion("degF", "degC"),
    )
    records = list(event_records(series))
    body, final = records[: -3 * EVENT_PARTITIONS], records[-3 * EVENT_PARTITIONS :]
    told = [((record.time - T0) // 60_000, record.kind.value) for record in body]
    assert told == [
        (0, "telemetry"),
        *[(5, "tick")] * 3,
        (5, "telemetry"),
        *[(minute, "tick") for minute in (10, 15, 20, 25) for _ in range(3)],
        (25, "telemetry"),
        (25, "telemetry"),
    ]
    assert {record.partition for record in body} == {partition_of("plant-1")}
    assert {record.time for record in final} == {T0 + 85 * 60_000}
    last = _decoded(body[-1]).event
    assert isinstance(last, Telemetry)
    assert (last.scans[0].at, last.scans[0].values) == (T0 + 5 * 60_000, {"t_c": 100.0})
