"""Scenes find their places, play when they should, and say what they should raise."""

from dataclasses import replace

import pytest
from pydantic import ValidationError
from support.simulated_city import small_plan

from schemas.headers import time_ms
from simulators.faults.fault import Fault
from simulators.scenes.scene_file import Scene, UnknownSceneError, cast, load_scene, scene_names

START = time_ms("2026-01-13T19:00:00+08:00")
MINUTE = 60_000


def _scene(*faults: dict[str, object]) -> Scene:
    words = {"zh": "场景", "en": "a scene"}
    base = {"template": "cover_open", "begins_s": 1, "hold_s": 60}
    return Scene.model_validate(
        {
            "name": "test",
            "title": words,
            "description": words,
            "faults": [{**base, "name": f"f{index}", **fault} for index, fault in enumerate(faults)],
        }
    )


def _stations(scene: Scene) -> list[str]:
    return [fault.station for fault in cast(scene, small_plan(), start_ms=START).faults]


def _opening() -> dict[str, Fault]:
    return {fault.name: fault for fault in cast(load_scene("opening"), small_plan(), start_ms=START).faults}


def test_every_scene_parses_and_is_named_as_its_file() -> None:
    """The three scenes of the demo are there, with title and description in both languages."""
    assert {"gas-dig", "opening", "quiet"} <= set(scene_names())
    for name in scene_names():
        scene = load_scene(name)
        assert scene.name == name
        assert len({fault.name for fault in scene.faults}) == len(scene.faults)


def test_an_unknown_scene_says_which_there_are() -> None:
    """The message helps on."""
    with pytest.raises(UnknownSceneError, match=r"no scene opera; there are .*opening"):
        load_scene("opera")


def test_a_misspelt_template_is_refused() -> None:
    """When the file is read, not when the fault should begin."""
    with pytest.raises(ValidationError, match="no template cover_opne"):
        _scene({"place": {}, "template": "cover_opne"})


def test_the_opening_has_one_fault_in_each_of_five_networks() -> None:
    """All begin within a minute, so that all are told within three."""
    systems = {s.station_id: s.system for s in small_plan().stations}
    opening = _opening()
    assert sorted(systems[fault.station] for fault in opening.values()) == [
        "gas",
        "heating",
        "lighting",
        "sewer",
        "water",
    ]
    assert all(START <= fault.begins <= START + MINUTE for fault in opening.values())
    assert all(fault.ends <= START + 20 * MINUTE for fault in opening.values())
    assert all(fault.expected for fault in opening.values())


def test_expected_alerts_follow_the_links() -> None:
    """What is expected one link away is expected at each station that the fault reaches there."""
    dug = _opening()["dug_up_main"]
    assert [(e.station, e.severity.value) for e in dug.expected if e.rule == "gas.chamber_lel"] == [
        ("gas_chamber-1", "critical"),
        ("gas_chamber-2", "major"),
    ]


def test_a_place_is_the_first_that_fits() -> None:
    """By id: of a kind, with a trait, the n-th, or one by name."""
    assert _stations(_scene({"place": {"kind": "sewer_manhole"}})) == ["sewer_manhole-1"]
    assert _stations(_scene({"place": {"trait": "carriageway"}})) == ["sewer_manhole-2"]
    assert _stations(_scene({"place": {"kind": "sewer_manhole", "number": 3}})) == ["sewer_manhole-3"]
    assert _stations(_scene({"place": {"station": "gas_chamber-3"}})) == ["gas_chamber-3"]
    assert _stations(_scene({"place": {"town": "110118999000"}})) == []


def test_two_faults_do_not_share_a_place_unless_it_is_named() -> None:
    """The second takes the next station, or the one that it asks for."""
    place = {"kind": "sewer_manhole"}
    assert _stations(_scene({"place": place}, {"place": place})) == ["sewer_manhole-1", "sewer_manhole-2"]
    named = {"place": {"station": "sewer_manhole-1"}}
    assert _stations(_scene({"place": place}, named)) == ["sewer_manhole-1", "sewer_manhole-1"]


def test_beside_another_fault_is_the_nearest() -> None:
    """The manhole nearest to a chamber; without the other fault there is no place either."""
    chamber = {"place": {"station": "gas_chamber-4"}}
    manhole = {"place": {"kind": "sewer_manhole", "beside": "f0"}}
    assert _stations(_scene(chamber, manhole)) == ["gas_chamber-4", "sewer_manhole-4"]
    lost = cast(_scene({"place": {"station": "nowhere"}}, manhole), small_plan(), start_ms=START)
    assert lost.without == ("f0", "f1")


def test_a_city_without_a_network_plays_the_rest() -> None:
    """The names of what found no place are returned."""
    plan = small_plan()
    wet = replace(plan, stations=tuple(s for s in plan.stations if s.system in ("water", "sewer")))
    played = cast(load_scene("opening"), wet, start_ms=START)
    assert {fault.name for fault in played.faults} == {"water_main", "open_cover"}
    assert set(played.without) == {"dug_up_main", "heating_pipe", "leaking_lamp"}


def test_two_plays_of_a_scene_are_told_apart() -> None:
    """The same places, other ids and times; the same start gives the same faults."""
    scene, plan = load_scene("opening"), small_plan()
    one, again = (cast(scene, plan, start_ms=START + late).faults for late in (0, 5_000))
    assert cast(scene, plan, start_ms=START).faults == one
    assert [fault.station for fault in one] == [fault.station for fault in again]
    assert not {fault.fault_id for fault in one} & {fault.fault_id for fault in again}
    assert {b.begins - a.begins for a, b in zip(one, again, strict=True)} == {5_000}


def test_the_quiet_day_has_no_physical_fault_that_endangers_anybody() -> None:
    """Nothing above a notice is expected of it."""
    scene = load_scene("quiet")
    assert {expect.severity.value for fault in scene.faults for expect in fault.expect} <= {"notice", "warn"}
