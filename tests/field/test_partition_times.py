"""Records of a wrong time among the right ones, through the way of `miyun judge` (A17)."""

from collections.abc import Callable

import pytest
from support.field_log import T0, Came, Device, Line, judged
from support.field_siblings import LPG, PUMPS, REGULATOR, Spot

from schemas.headers import time_ms

HOUR_S = 3_600
IN_2099_S = (time_ms("2099-01-01T00:00:00Z") - T0) // 1_000
SPOTS = (REGULATOR, LPG, PUMPS)


def steady(spot: Spot, begin_s: int, end_s: int, value: float) -> list[Line]:
    """Good or bad readings each 15 s."""
    device = spot.device()
    device.seq = begin_s
    for second in range(begin_s, end_s, 15):
        device.send(second, spot.read(value))
    return device.lines


def wild(spot: Spot, at_s: int, **changes: object) -> Line:
    """A frame that comes at another time than it says."""
    device = Device(spot.station, seq=7)
    device.send(at_s, spot.read(spot.good), stamp_ms=T0 + 605_000)
    line = device.lines[0]
    return {**line, "value": {**line["value"], **changes}}


WILD: dict[str, Callable[[Spot], list[Line]]] = {
    "refused, of 2099": lambda spot: [{**wild(spot, IN_2099_S), "value": "no JSON", "key": spot.station}],
    "of a station that nobody knows, of 2099": lambda spot: [wild(spot, IN_2099_S, station="nobody")],
    "taken, of 2099": lambda spot: [wild(spot, IN_2099_S)],
    "an hour ahead": lambda spot: [wild(spot, HOUR_S)],
    "two that agree": lambda spot: [wild(spot, HOUR_S), wild(spot, HOUR_S + 5, source="gw-2")],
    "an hour back": lambda spot: [wild(spot, 600 - HOUR_S)],
}


def silences(came: Came) -> list[object]:
    """What was said not to report, since the log began."""
    told = [line["state"] for line in came.lines if line["type"] == "condition" and line["at"] >= T0]
    return [state for state in told if state in ("silent", "unheard")]


@pytest.mark.parametrize("make", WILD.values(), ids=WILD)
@pytest.mark.parametrize("spot", SPOTS, ids=[spot.station for spot in SPOTS])
def test_a_record_of_a_wrong_time_silences_nobody_and_hides_nothing(
    spot: Spot, make: Callable[[Spot], list[Line]]
) -> None:
    """Twenty minutes in good order around it, then a danger, then silence, each told as without it."""
    lines = [*steady(spot, 0, 600, spot.good), *make(spot), *steady(spot, 615, 1_200, spot.good)]
    calm = judged(lines, after_ms=0)
    without = judged([line for line in lines if line not in make(spot)], after_ms=0)
    assert silences(calm) == silences(without)
    assert not spot.raised(calm)
    came = judged([*lines, *steady(spot, 1_200, 1_260, spot.bad)])
    spot.is_raised(came)
    assert spot.raised(came)[0]["at"] == T0 + 1_200_000
    assert came.whole_station or silences(came) != silences(calm)


@pytest.mark.parametrize("spot", SPOTS, ids=[spot.station for spot in SPOTS])
def test_after_a_pause_of_the_log_a_danger_does_not_wait(spot: Spot) -> None:
    """The first record raises it."""
    came = judged([*steady(spot, 0, 600, spot.good), *steady(spot, 2 * HOUR_S, 2 * HOUR_S + 60, spot.bad)])
    assert spot.raised(came)[0]["at"] == T0 + 2 * HOUR_S * 1_000


@pytest.mark.parametrize("spot", SPOTS, ids=[spot.station for spot in SPOTS])
def test_a_log_whose_clock_was_set_back_is_judged_on(spot: Spot) -> None:
    """An hour of it comes again: what is dangerous in it is found, and so is the silence after it."""
    lines = [*steady(spot, HOUR_S, HOUR_S + 600, spot.good), *steady(spot, 0, 600, spot.good)]
    came = judged([*lines, *steady(spot, 600, 660, spot.bad)])
    assert spot.raised(came)
    assert silences(came)
