"""Faults of devices, clocks and links change what is sent of a station's scans, and when it arrives."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from support.simulated_city import small_plan
from support.simulated_faults import disturbed, envelope

from schemas.headers import time_ms
from schemas.plan import Station
from simulators.networks.disturbances import BY_LINK, How, StationDisturbances, by_station
from simulators.networks.station import Scanned
from simulators.networks.world import build_world
from simulators.transmission.link import SentFrame, StationLink

START = time_ms("2026-01-13T19:00:00+08:00")
MINUTE = 60_000
HOUR = 60 * MINUTE
PLACE = "gas_regulator-1"
POINT = "station_ch4_pct_lel"
WHEN = envelope(START + 30 * MINUTE, hold=2 * HOUR, fall=20 * MINUTE)
OF_A_POINT = {How.OFFSET, How.RAW, How.CUT, How.ODD}
SIZES = {
    How.OFFSET: 0.5,
    How.RAW: 65_535.0,
    How.ODD: 60.0,
    How.STEPS: 7_200.0,
    How.REBOOTS: 1_800.0,
    How.LOST: 50.0,
    How.OVERTAKES: 90.0,
    How.DELAY: 90.0,
    How.AGAIN: 900.0,
    How.BATCH: 1_800.0,
    How.TWIN: 7.0,
}


def _faults(how: How) -> StationDisturbances:
    code = POINT if how in OF_A_POINT else None
    return by_station([disturbed(PLACE, code, how, WHEN, SIZES.get(how))])[PLACE]


@cache
def _place() -> Station:
    (station,) = (one for one in small_plan().stations if one.station_id == PLACE)
    return station


@cache
def _read_all() -> list[Scanned]:
    (place,) = build_world(replace(small_plan(), stations=(_place(),)), seed=1).stations
    return place.between(START, START + 4 * HOUR)


def _scans(after: int, until: int) -> list[Scanned]:
    return [scanned for scanned in _read_all() if after < scanned.at <= until]


def _frames(how: How, *, step_ms: int = 4 * HOUR, until: int = START + 4 * HOUR) -> list[SentFrame]:
    link = StationLink(_place(), _faults(how))
    found: list[SentFrame] = []
    for after in range(START, until, step_ms):
        link.take(_scans(after, min(until, after + step_ms)))
        found.extend(link.arrived(min(until, after + step_ms)))
    return found


def _within(frames: Sequence[SentFrame]) -> list[SentFrame]:
    """The frames of what was read while the fault went on."""
    return [frame for frame in frames if WHEN.within(frame[0].at)]


def _read(frames: Sequence[SentFrame]) -> list[int]:
    return [packet.at for frame in frames for packet in frame]


@pytest.mark.parametrize("how", sorted(BY_LINK))
def test_the_same_frames_come_however_time_is_cut(how: How) -> None:
    """What is under way waits for its time; nothing depends on how the city steps."""
    at_once, in_steps = _frames(how), _frames(how, step_ms=7 * MINUTE)
    assert at_once == in_steps
    assert [frame[0].arrival for frame in at_once] == sorted(frame[0].arrival for frame in at_once)


@pytest.mark.parametrize("how", sorted(BY_LINK - {How.LOST, How.AGAIN, How.TWIN}))
def test_every_scan_comes_once(how: How) -> None:
    """But for what is lost, or comes again by the fault's nature."""
    assert sorted(_read(_frames(how))) == [scanned.at for scanned in _scans(START, START + 4 * HOUR)]


@pytest.mark.parametrize("how", sorted(BY_LINK))
def test_outside_the_fault_nothing_is_changed(how: How) -> None:
    """Each scan is a frame, at its time, as it was read."""
    read = {scanned.at: scanned.values for scanned in _scans(START, START + 4 * HOUR)}
    for frame in _frames(how):
        (first, *_) = frame
        if not WHEN.within(first.at) and first.device == 0:
            assert (len(frame), first.arrival, first.stamp) == (1, first.at, first.at)
            assert first.values == read[first.at]


def test_lost_scans_are_a_share() -> None:
    """Of those within the fault, by chance."""
    read = [scanned for scanned in _scans(START, START + 4 * HOUR) if WHEN.within(scanned.at)]
    assert 0.4 < len(_within(_frames(How.LOST))) / len(read) < 0.6


def test_a_slow_link_delays_each_frame_equally_and_a_jittered_one_swaps_them() -> None:
    """By the size of the fault, or up to it."""
    assert {frame[0].arrival - frame[0].at for frame in _within(_frames(How.DELAY))} == {90_000}
    swapped = _read(_within(_frames(How.OVERTAKES)))
    assert swapped != sorted(swapped)
    assert all(0 <= frame[0].arrival - frame[0].at <= 90_000 for frame in _frames(How.OVERTAKES))


def test_a_frame_that_comes_again_is_the_same_later() -> None:
    """The same number, stamp and values."""
    found = _within(_frames(How.AGAIN))
    times = [frame[0].arrival - frame[0].at for frame in found]
    assert set(times) == {0, 900_000}
    first, again = ([f[0] for f in found if f[0].arrival - f[0].at == late] for late in (0, 900_000))
    assert [(p.seq, p.stamp, p.values) for p in first] == [(p.seq, p.stamp, p.values) for p in again]


def test_batches_hold_what_was_read_since_the_last() -> None:
    """Oldest first; the last one at the fault's end."""
    frames = _within(_frames(How.BATCH))
    assert len(frames) == 5
    assert all(a[-1].at < b[0].at for a, b in pairwise(frames))
    assert all(0 <= frame[0].arrival - frame[-1].at <= MINUTE for frame in frames)


def test_a_backlog_comes_before_anything_new() -> None:
    """Nothing comes while the link is down; then everything in its order."""
    frames, up = _frames(How.STORED), WHEN.ends - WHEN.falls_ms
    assert not [frame for frame in frames if WHEN.begins <= frame[0].arrival < up]
    assert _read(frames) == sorted(_read(frames))


def test_a_backlog_behind_comes_among_what_is_new() -> None:
    """The live readings are back at once."""
    frames, up = _frames(How.STORED_BEHIND), WHEN.ends - WHEN.falls_ms
    assert not [frame for frame in frames if WHEN.begins <= frame[0].arrival < up]
    first = next(frame for frame in frames if frame[0].arrival >= up)
    assert first[0].at >= up
    assert sum(len(frame) > 1 for frame in frames) == 8


def test_a_clock_that_stands_tells_one_time() -> None:
    """As long as it does."""
    assert {frame[0].stamp for frame in _within(_frames(How.STANDS))} == {WHEN.begins}


def test_a_clock_that_steps_is_off_by_several_amounts() -> None:
    """Ahead and behind, never beyond the size; whole seconds."""
    off = {frame[0].stamp - frame[0].at for frame in _within(_frames(How.STEPS))}
    assert len(off) == 7
    assert min(off) < 0 < max(off)
    assert all(abs(one) <= 7_200_000 and one % 1000 == 0 for one in off)


def test_a_device_that_restarts_counts_from_0_and_from_1970() -> None:
    """Every half an hour; after a while it has the time again."""
    found = [frame[0] for frame in _within(_frames(How.REBOOTS))]
    assert sum(packet.seq == 0 for packet in found) == 5
    assert sum(packet.stamp < HOUR for packet in found) == pytest.approx(len(found) / 4, abs=15)
    assert {packet.stamp - packet.at for packet in found if packet.stamp > HOUR} == {0}


def test_two_devices_under_one_id_do_not_agree() -> None:
    """The second reads what was normal at first, at times of its own."""
    found = [packet for frame in _frames(How.TWIN) for packet in frame if WHEN.within(packet.at)]
    assert {packet.device for packet in found} == {0, 1}
    second = [packet for packet in found if packet.device == 1]
    assert len({packet.values[POINT] for packet in second if POINT in packet.values}) == 1
    assert len({packet.values[POINT] for packet in found if POINT in packet.values}) > 10


def test_what_is_no_reading_is_sent_as_it_is() -> None:
    """Sentinels and a cut cable lie beyond the range, odd values are none; other points go on."""
    values = {
        how: [packet.values for frame in _within(_frames(how)) for packet in frame] for how in OF_A_POINT
    }
    assert {one[POINT] for one in values[How.RAW]} == {65_535.0}
    assert {one[POINT] for one in values[How.CUT]} == {-25.0}
    drifted = [one[POINT] for one in values[How.OFFSET]]
    assert min(drifted) < 0 < max(drifted)
    odd = [one for one in values[How.ODD] if not isinstance(one[POINT], float) or "温度" in one]
    assert 0.5 < len(odd) / len(values[How.ODD]) < 0.7
    assert {type(one[POINT]) for one in odd} == {str, bool, float}
    assert all(isinstance(one["outlet_pressure_kpa"], float) for found in values.values() for one in found)
