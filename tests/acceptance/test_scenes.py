"""The scenes through the whole product: the alerts that the ground truth asks for, once, and no other."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from support.programs import miyun
from support.simulations import Simulated, assert_tables_agree, simulate, unexplained

from schemas.alerts import AlertState
from schemas.headers import time_ms

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def opening(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The opening scene, and the minutes in which the city calms down."""
    return simulate(tmp_path_factory.mktemp("opening"), "--scene", "opening", "--hours", "0.75")


@pytest.fixture(scope="module")
def gas_dig(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """An hour of a main that was dug up, and half an hour more."""
    return simulate(tmp_path_factory.mktemp("dig"), "--scene", "gas-dig", "--hours", "1.5")


def test_every_fault_of_the_opening_has_its_alert_once(opening: Simulated) -> None:
    """At the level that its rule has for it, in all five networks."""
    assert len(opening.truth) == 5
    assert all(fault["expected"] for fault in opening.truth)
    assert opening.missed() == []
    assert {alert.system for alert in opening.latest.values()} == {
        "gas",
        "heating",
        "water",
        "sewer",
        "lighting",
    }


def test_the_opening_alarms_nobody_else(opening: Simulated) -> None:
    """Each alert is at a station that a fault touched."""
    assert unexplained(opening) == []


def test_all_five_networks_are_on_the_feed_within_two_minutes(opening: Simulated) -> None:
    """Of the scene's first fault: so within three minutes of a start (ADR 15)."""
    began = min(time_ms(fault["begins"]) for fault in opening.truth)
    first: dict[str, int] = {}
    for alert in opening.latest.values():
        after = alert.raised_at - began
        first[alert.system] = min(after, first.get(alert.system, after))
    assert len(first) == 5
    assert max(first.values()) < 120_000


def test_the_city_calms_down_after_the_opening(opening: Simulated) -> None:
    """Everything has cleared by itself and waits for somebody to see it; nothing came twice."""
    assert {alert.state for alert in opening.latest.values()} <= {AlertState.RETURNED, AlertState.NORMAL}
    assert {alert.flapping for alert in opening.latest.values()} == {0}


def test_alerts_and_aggregates_agree_with_the_feed(opening: Simulated) -> None:
    """Row by row; the table of transitions is in order too."""
    assert len(opening.aggregates) > 10_000
    assert_tables_agree(opening)
    for alert in opening.latest.values():
        seqs = [one.seq for one in opening.feed if one.alert_id == alert.alert_id]
        assert all(after == before + 1 for before, after in pairwise(seqs))


def test_gas_goes_from_chamber_to_chamber(gas_dig: Simulated) -> None:
    """Each alert that the truth asks for, once, at its level; no other station is told of."""
    assert gas_dig.missed() == []
    assert unexplained(gas_dig) == []


def test_silence_of_a_sensor_a_station_and_a_gateway_are_told_apart(tmp_path: Path) -> None:
    """Each is one finding of ``miyun coverage``, and none of them is told as two."""
    silence = simulate(tmp_path, "--scene", "silence", "--hours", "0.75")
    assert silence.missed() == []
    assert unexplained(silence) == []
    done = miyun("coverage", "--json", "--namespace", silence.namespace, environment=os.environ)
    told = json.loads(done.stdout)
    faults = {fault["name"]: fault for fault in silence.truth}
    darkened = sorted({spot["station"] for spot in faults["gateway"]["touched"]})
    assert [(one["station_id"], one["point"]) for one in told["silent_points"]] == [
        (faults["sensor"]["station"], "flow_m3h")
    ]
    assert [one["station_id"] for one in told["silent_stations"]] == [faults["station"]["station"]]
    assert [one["station_ids"] for one in told["silent_sources"]] == [darkened]
    assert len(darkened) > 1
    assert told["unheard_stations"] == []


def test_a_seed_makes_the_same_city_again(opening: Simulated, tmp_path: Path) -> None:
    """Every transition and every aggregate of a second run is that of the first; another seed's is not."""
    again = simulate(tmp_path, "--scene", "opening", "--hours", "0.75")
    assert again.transitions == opening.transitions
    assert again.of_stations() == opening.of_stations()
    other = simulate(tmp_path, "--hours", "0.05", "--seed", "7").stored_aggregates
    assert len(other.items() & opening.stored_aggregates.items()) < len(other) / 2
