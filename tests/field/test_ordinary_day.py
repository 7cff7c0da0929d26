"""What links, loggers, radio and zeros do every day calls nobody: `ordinary-instruments`, eight hours of it.

The day of the same readings under a perfect network raises nothing, so whatever is raised is of the way that
they took. A link that is down is told once, while it is down.
"""

from bisect import bisect_right
from itertools import pairwise

import pytest
from support.wild_city import WildCity
from support.wild_dangers import Comparison, Danger

from simulators.scenes.scene_file import Scene, load_scene

SEED, HOURS = 110_118, 8.0
"""The city that `make up` shows; every fault of the scene has happened by then."""
PAUSE_MS = 30_000
"""Two intervals of the quickest points."""


def ordinary() -> Scene:
    """The scene; its loggers at chambers read each quarter of an hour and send each hour."""
    scene = load_scene("ordinary-instruments")
    faults = [
        one.model_copy(update={"size": 60.0}) if one.name == "chamber_logger" else one for one in scene.faults
    ]
    return scene.model_copy(update={"faults": faults})


@pytest.fixture(scope="module")
def seen() -> Comparison:
    """The scene's stations; of loggers the register says how often they send."""
    return Comparison(WildCity(ordinary(), SEED, HOURS, loggers=True))


def _told_of_pauses(seen: Comparison) -> dict[tuple[str, int], list[Danger]]:
    """Alerts by station and the pause in its frames within which they began; 0: within none."""
    arrivals: dict[str, list[int]] = {}
    for station, frame in seen.city.arrived:
        arrivals.setdefault(station, []).append(frame[-1].arrival)
    found: dict[tuple[str, int], list[Danger]] = {}
    for one in seen.found:
        times = arrivals[one.station]
        before = times[bisect_right(times, one.begins) - 1]
        is_paused = one.rule == "any.no_data" and one.begins - before >= PAUSE_MS
        found.setdefault((one.station, before if is_paused else 0), []).append(one)
    return found


def test_a_perfect_network_has_nothing_to_tell(seen: Comparison) -> None:
    """Not even of zeros that drift: the readings are well. What is under way at the end does not count."""
    there = [one for one in seen.there if one.begins < seen.city.ends - PAUSE_MS * 10]
    assert [seen.explained(one) for one in there] == []


def test_nothing_is_rejected_but_what_came_again(seen: Comparison) -> None:
    """Two cabinets send everything twice."""
    rejected = [line for line in seen.lines if line["type"] == "rejection"]
    assert {line["reason"] for line in rejected} == {"duplicate_scan"}
    assert all(seen.kinds(line["station"]) & {"repeated_frames", "frames_again"} for line in rejected)


def test_a_link_that_is_down_is_told_once(seen: Comparison) -> None:
    """Links that are down for two minutes or for forty: one alert at a time, over when it is back."""
    told = {pause: alerts for pause, alerts in _told_of_pauses(seen).items() if pause[1]}
    assert 10 <= len(told) <= 25
    at_once = [pair for alerts in told.values() for pair in pairwise(alerts) if pair[1].begins < pair[0].ends]
    assert [seen.explained(second) for _, second in at_once] == []
    assert all(
        one.reasons <= {"raised", "cleared", "superseded"} for alerts in told.values() for one in alerts
    )


def test_nobody_is_called_for_anything_else(seen: Comparison) -> None:
    """No clock, no value, no silence of what was just heard."""
    others = [one for (_, pause), alerts in _told_of_pauses(seen).items() if not pause for one in alerts]
    assert [seen.explained(one) for one in others] == []
