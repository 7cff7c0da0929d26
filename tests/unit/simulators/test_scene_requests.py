"""Scenes are asked for over a folder that the running simulator attends."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulators.scenes import scene_commands
from simulators.scenes.scene_requests import SceneRequest, SceneRequests

runner = CliRunner()


def test_a_request_is_taken_once_in_order(tmp_path: Path) -> None:
    """Its file is gone when it has been taken."""
    requests = SceneRequests(tmp_path / "scenes-t")
    with requests.consuming():
        first, second = (
            requests.submit(SceneRequest(scene=name, actor="wang.li")) for name in ("opening", "quiet")
        )
        assert requests.take() == [SceneRequest("opening", "wang.li"), SceneRequest("quiet", "wang.li")]
        assert not first.exists()
        assert not second.exists()
        assert requests.take() == []


def test_requests_have_a_consumer_as_long_as_the_simulator_lives(tmp_path: Path) -> None:
    """Not before it begins, not after it has ended."""
    requests = SceneRequests(tmp_path / "scenes-t")
    assert not requests.has_consumer()
    with requests.consuming():
        assert requests.has_consumer()
    assert not requests.has_consumer()


def test_what_was_asked_of_an_earlier_run_is_forgotten(tmp_path: Path) -> None:
    """A scene begins when it is asked for, not at some later start."""
    requests = SceneRequests(tmp_path / "scenes-t")
    with requests.consuming():
        requests.submit(SceneRequest(scene="opening", actor="wang.li"))
    with requests.consuming():
        assert requests.take() == []


def test_an_unreadable_request_is_thrown_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said in the log, and does not stop the others."""
    requests = SceneRequests(tmp_path / "scenes-t")
    with requests.consuming():
        (requests.folder / "0.json").write_text('{"scene": 1', "utf-8")
        requests.submit(SceneRequest(scene="opening", actor="wang.li"))
        assert requests.take() == [SceneRequest("opening", "wang.li")]
        assert requests.take() == []
    assert "simulator: cannot read a scene request file=0.json" in caplog.text


def test_play_says_that_no_simulator_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, with exit code 1, and leaves no request behind."""
    monkeypatch.setitem(os.environ, "MIYUN_STATE_DIR", str(tmp_path))
    result = runner.invoke(scene_commands.scene, ["play", "opening", "--namespace", "t_none"])
    assert result.exit_code == 1
    assert "no simulator runs in namespace t_none" in result.stderr
    assert not list(tmp_path.rglob("*.json"))


def test_play_refuses_an_unknown_scene() -> None:
    """Exit code 2, with the names that there are."""
    result = runner.invoke(scene_commands.scene, ["play", "opera", "--namespace", "t_none"])
    assert result.exit_code == 2
    assert "there is no scene opera; there are" in result.stderr


@pytest.mark.parametrize(("lang", "words"), [("zh", "井盖被打开"), ("en", "a manhole's cover is off")])
def test_list_shows_scenes_and_their_faults(lang: str, words: str) -> None:
    """Name, title and length, then the faults in the order of their begins."""
    result = runner.invoke(scene_commands.scene, ["list", "--lang", lang])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert any(line.startswith("opening  ") for line in lines)
    assert f"  +0:00:30  open_cover: {words}" in lines
