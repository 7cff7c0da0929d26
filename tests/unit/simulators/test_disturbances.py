"""Disturbances are functions of time: the same instant gives the same reading, whoever asks and when."""

import pytest
from support.simulated_faults import disturbed, envelope

from schemas.headers import time_ms
from simulators.networks.disturbances import (
    UNDISTURBED,
    Disturbance,
    How,
    by_station,
)

START = time_ms("2026-01-13T19:00:00+08:00")
HOUR = 3_600_000
WHEN = envelope(START, rise=10_000, hold=20_000, fall=40_000)


def _ramp(at_ms: int) -> float:
    """A value that a thing would have without faults: 1 per second."""
    return (at_ms - START) / 1000


def _read(disturbance: Disturbance, second: float, value: float = 0.0) -> float | None:
    return disturbance.applied(value, START + round(second * 1000), _ramp)


@pytest.mark.parametrize(
    ("second", "reading"),
    [(-5, 0.0), (0, 0.0), (5, 20.0), (10, 40.0), (29, 40.0), (50, 20.0), (70, 0.0), (99, 0.0)],
)
def test_a_move_is_a_trapezium(second: int, reading: float) -> None:
    """Up in 10 s, 20 s at the peak, down in 40 s; nothing before and after."""
    assert _read(disturbed("s", "p", How.TO, WHEN, 40.0), second) == pytest.approx(reading)


@pytest.mark.parametrize(
    ("how", "amount", "reading"), [(How.TO, 40.0, 22.0), (How.ADD, 40.0, 24.0), (How.TIMES, 3.0, 8.0)]
)
def test_half_way_a_move_has_half_its_size(how: How, amount: float, reading: float) -> None:
    """To a value, by an amount, or by a factor; here from 4, after half of the rise."""
    assert _read(disturbed("s", "p", how, WHEN, amount), 5, value=4.0) == pytest.approx(reading)


def test_a_state_is_set_at_once_and_until_the_end() -> None:
    """A pump that trips is tripped from the first to the last instant, never half."""
    trip = disturbed("s", "pump_1", How.SET, WHEN, 2.0)
    assert [_read(trip, second, value=1.0) for second in (-1, 0, 1, 69, 70)] == [1.0, 2.0, 2.0, 2.0, 1.0]


def test_a_stuck_instrument_repeats_what_it_read_when_it_began() -> None:
    """Not the value of the moment; a given value if there is one."""
    later = envelope(START + 7_000, hold=20_000)
    assert _read(disturbed("s", "p", How.STUCK, later), 20, value=20.0) == 7.0
    assert _read(disturbed("s", "p", How.STUCK, later, 3.0), 20, value=20.0) == 3.0
    assert _read(disturbed("s", "p", How.STUCK, later), 30, value=30.0) == 30.0


def test_spikes_hit_some_scans_and_the_same_ones_each_time() -> None:
    """About one in five is off by the whole amount, the others by nothing."""
    spiky = disturbed("s", "p", How.SPIKES, envelope(START, hold=HOUR), 9.0)
    first = [_read(spiky, second) for second in range(0, 3600, 15)]
    assert first == [_read(spiky, second) for second in range(0, 3600, 15)]
    assert set(first) == {0.0, 9.0}
    assert 0.1 < first.count(9.0) / len(first) < 0.3


def test_a_noise_burst_has_its_deviation_and_no_bias() -> None:
    """Normal noise of the given deviation, only while it lasts."""
    noisy = disturbed("s", "p", How.NOISE, envelope(START, hold=HOUR), 2.0)
    read = [_read(noisy, second) or 0.0 for second in range(0, 3600, 5)]
    assert abs(sum(read) / len(read)) < 0.3
    assert 1.7 < (sum(value**2 for value in read) / len(read)) ** 0.5 < 2.3
    assert _read(noisy, 3600) == 0.0


def test_no_value_is_none_and_stays_none() -> None:
    """What comes after it in the order of disturbances does not bring a value back."""
    disturbances = by_station(
        [disturbed("s", "p", How.NOTHING, WHEN), disturbed("s", "p", How.ADD, WHEN, 4.0)]
    )["s"]
    assert disturbances.reading("p", START + 1, _ramp) == (None, "good")


def test_a_bad_reading_keeps_its_value() -> None:
    """Quality bad while it lasts, good again after."""
    disturbances = by_station([disturbed("s", "p", How.BAD, WHEN)])["s"]
    assert disturbances.reading("p", START + 5_000, _ramp) == (5.0, "bad")
    assert disturbances.reading("p", START + 70_000, _ramp) == (70.0, "good")


def test_disturbances_on_a_point_add_up() -> None:
    """Two faults at once: in the order in which they were given."""
    given = [disturbed("s", "p", How.ADD, WHEN, 4.0), disturbed("s", "p", How.TIMES, WHEN, 2.0)]
    both = by_station(given)["s"]
    assert both.reading("p", START + 15_000, lambda _: 1.0) == (10.0, "good")


def test_a_mute_hides_a_point_or_the_station() -> None:
    """From its begin to its end."""
    point = by_station([disturbed("s", "p", How.SILENT, WHEN)])["s"]
    whole = by_station([disturbed("s", None, How.SILENT, WHEN)])["s"]
    assert (point.muted("p", START), point.muted("q", START)) == (True, False)
    assert (whole.muted("q", START), whole.muted("q", WHEN.ends)) == (True, False)


def test_a_wrong_clock_is_ahead_or_counts_from_1970() -> None:
    """Eight hours ahead is a time zone's mistake; a reset clock begins with the epoch."""
    ahead = by_station([disturbed("s", None, How.CLOCK, WHEN, 8 * 3_600)])["s"]
    reset = by_station([disturbed("s", None, How.CLOCK, WHEN)])["s"]
    assert ahead.device_time(START + 1_000) == START + 1_000 + 8 * HOUR
    assert reset.device_time(START + 1_000) == 1_000
    assert reset.device_time(WHEN.ends) == WHEN.ends


def test_repeats_end() -> None:
    """A frame goes out twice while the device stutters, else once."""
    twice = by_station([disturbed("s", None, How.REPEATS, WHEN, 2)])["s"]
    assert (twice.copies(START), twice.copies(WHEN.ends), UNDISTURBED.copies(START)) == (
        2,
        1,
        1,
    )


def test_disturbances_are_sorted_to_their_stations() -> None:
    """Each station has its own and nobody else's."""
    found = by_station(
        [
            disturbed("a", "p", How.SET, WHEN, 1.0),
            disturbed("b", "q", How.SET, WHEN, 1.0),
            disturbed("a", None, How.SILENT, WHEN),
        ]
    )
    assert set(found) == {"a", "b"}
    by_point = {
        station: {code: len(of) for code, of in one.by_point.items()} for station, one in found.items()
    }
    assert by_point == {"a": {"p": 1, None: 1}, "b": {"q": 1}}
