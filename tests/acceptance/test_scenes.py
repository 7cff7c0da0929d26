"""The scenes through the whole product: the alerts that the ground truth asks for, once, and no other."""

import json
import subprocess
from collections import Counter
from itertools import pairwise
from math import isclose
from pathlib import Path

import pytest
from support.command_line import MIYUN
from support.simulations import Simulated, simulate

from schemas.alerts import Alert, AlertState
from schemas.base import Severity
from schemas.headers import time_ms

pytestmark = pytest.mark.timeout(600)

AT_MOST_ON_A_QUIET_DAY = 150


@pytest.fixture(scope="module")
def opening(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The opening scene, and the minutes in which the city calms down."""
    return simulate(tmp_path_factory.mktemp("opening"), "--scene", "opening", "--hours", "0.75")


@pytest.fixture(scope="module")
def gas_dig(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """An hour of a main that was dug up, and half an hour more."""
    return simulate(tmp_path_factory.mktemp("dig"), "--scene", "gas-dig", "--hours", "1.5")


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """A quiet day of the whole city."""
    return simulate(tmp_path_factory.mktemp("quiet"), "--scene", "quiet", "--hours", "24")


def _unexplained(simulated: Simulated) -> list[Alert]:
    """Alerts at stations that no fault touched; inspections find what they find."""
    touched = {spot["station"] for fault in simulated.truth for spot in fault["touched"]}
    return [
        alert
        for alert in simulated.latest.values()
        if alert.station_id not in touched and alert.rule_id != "pipe.inspection_class"
    ]


def _tables_agree(simulated: Simulated) -> None:
    """The tables hold what the topics do, neither more nor less."""
    latest = simulated.latest
    assert {id_: alert["seq"] for id_, alert in simulated.stored_alerts.items()} == {
        id_: alert.seq for id_, alert in latest.items()
    }
    for id_, stored in simulated.stored_alerts.items():
        sent = latest[id_]
        assert (stored["severity"], stored["state"]) == (sent.severity, sent.state)
        assert stored["headline"] == {"zh": sent.headline.zh, "en": sent.headline.en}
    told = Counter((alert.rule_id, alert.station_id, alert.timeline[-1].reason) for alert in simulated.feed)
    assert Counter((row[1], row[2], row[5]) for row in simulated.transitions) == told
    assert simulated.stored_aggregates.keys() == simulated.aggregates.keys()
    for key, sent in simulated.aggregates.items():
        stored = simulated.stored_aggregates[key]
        assert (*stored[:2], *stored[3:]) == (*sent[:2], *sent[3:]), key
        assert isclose(stored[2], sent[2], rel_tol=1e-9, abs_tol=1e-9), key


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
    assert _unexplained(opening) == []


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
    _tables_agree(opening)
    for alert in opening.latest.values():
        seqs = [one.seq for one in opening.feed if one.alert_id == alert.alert_id]
        assert all(after == before + 1 for before, after in pairwise(seqs))


def test_gas_goes_from_chamber_to_chamber(gas_dig: Simulated) -> None:
    """Each alert that the truth asks for, once, at its level; no other station is told of."""
    assert gas_dig.missed() == []
    assert _unexplained(gas_dig) == []


def test_silence_of_a_sensor_a_station_and_a_gateway_are_told_apart(tmp_path: Path) -> None:
    """Each is one finding of ``miyun coverage``, and none of them is told as two."""
    silence = simulate(tmp_path, "--scene", "silence", "--hours", "0.75")
    assert silence.missed() == []
    assert _unexplained(silence) == []
    command = [MIYUN, "coverage", "--json", "--namespace", silence.namespace]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    faults = {fault["name"]: fault for fault in silence.truth}
    darkened = sorted({spot["station"] for spot in faults["gateway"]["touched"]})
    assert [(one["station_id"], one["point"]) for one in told["silent_points"]] == [
        (faults["sensor"]["station"], "flow_m3h")
    ]
    assert [one["station_id"] for one in told["silent_stations"]] == [faults["station"]["station"]]
    assert [one["station_ids"] for one in told["silent_sources"]] == [darkened]
    assert len(darkened) > 1
    assert told["unheard_stations"] == []


def test_a_quiet_day_is_quiet(quiet: Simulated) -> None:
    """Few alerts, none critical, none without a reason: those that the day's trifles ask for."""
    assert 0 < len(quiet.latest) <= AT_MOST_ON_A_QUIET_DAY
    assert Severity.CRITICAL not in quiet.highest.values()
    assert quiet.missed() == []
    assert _unexplained(quiet) == []


def test_a_quiet_day_is_stored_whole(quiet: Simulated) -> None:
    """A million minutes and more, summed as the topic has them."""
    assert len(quiet.aggregates) > 1_000_000
    _tables_agree(quiet)


def test_a_seed_makes_the_same_city_again(opening: Simulated, tmp_path: Path) -> None:
    """Every transition and every aggregate of a second run is that of the first; another seed's is not."""
    again = simulate(tmp_path, "--scene", "opening", "--hours", "0.75")
    assert again.transitions == opening.transitions
    assert again.of_stations() == opening.of_stations()
    other = simulate(tmp_path, "--hours", "0.05", "--seed", "7").stored_aggregates
    assert len(other.items() & opening.stored_aggregates.items()) < len(other) / 2
