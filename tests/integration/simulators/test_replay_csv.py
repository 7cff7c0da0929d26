"""``miyun replay-csv`` on real servers: what it says, what it refuses, and what it leaves behind."""

import os
import signal
import time
from pathlib import Path

import pytest
from support.namespaces import new_namespace
from support.programs import Done, miyun_process, running

from simulators.running import subprocesses

CITY = Path(__file__).parents[2] / "data" / "recorded_city"
TARGET = ["--station", "heat-homes-0001", "--point", "room_01_c", "--city", str(CITY)]
HOUR = 3_600


def _environment(state_dir: Path) -> dict[str, str]:
    return {**os.environ, "MIYUN_STATE_DIR": str(state_dir)}


def _series(folder: Path, rows: int) -> Path:
    """Hourly readings in °F: cold (60 °F is 15.6 °C) for the first ten, warm after; three odd lines."""
    lines = ["timestamp,value"]
    for hour in range(rows):
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1_388_534_400 + hour * HOUR))
        lines.append(f"{stamp},{60 if hour < 10 else 75}")
    lines[5:5] = ["2014-01-01 02:00:00,60", "not a line", "2014-01-01 03:30:00,cold"]
    path = folder / "series.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _replay(file: Path, namespace: str, *options: str, unit: str = "degF", **variables: str) -> Done:
    command = ["replay-csv", str(file), *TARGET, "--unit", unit, "--namespace", namespace, *options]
    environment = _environment(file.parent / "state") | variables
    return miyun_process(*command, environment=environment, timeout_s=120)


def test_a_replay_is_stored_told_and_not_mixed_with_another(tmp_path: Path) -> None:
    """It names what it dropped and what became of the rest; a second one needs --fresh."""
    namespace = new_namespace()
    file = _series(tmp_path, 24)
    done = _replay(file, namespace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dropped line 7: 1 columns" in done.stdout
    assert "dropped line 8: not a number: 'cold'" in done.stdout
    assert "rows: read 27, sent 25, dropped 2; of those sent: repeated stamps 1" in done.stdout
    assert "rejected by the monitor: duplicate_scan 1\n" in done.stdout
    assert "alerts: heat.room_temperature 1" in done.stdout
    assert "cleared 1" in done.stdout
    assert f"miyun alerts list --namespace {namespace}" in done.stdout

    refused = _replay(file, namespace)
    assert refused.returncode == 1
    assert "already has data" in refused.stderr
    assert "--fresh" in refused.stderr

    again = _replay(_series(tmp_path, 12), namespace, "--fresh")
    assert again.returncode == 0, again.stdout + again.stderr
    assert f"schema {namespace} dropped" in again.stdout
    assert "rows: read 15, sent 13, dropped 2" in again.stdout
    assert "alerts: heat.room_temperature 1" in again.stdout


@pytest.mark.parametrize(
    ("options", "unit", "message"),
    [
        ([], "psi", "no conversion from psi to °C"),
        (["--station", "nowhere"], "degF", "no station nowhere"),
        (["--lang", "zh"], "psi", "无法从 psi 换算到 °C"),
        (["--tz", "Mars/Olympus"], "degF", "no time zone Mars/Olympus"),
        (["--every", "0"], "degF", "--every"),
    ],
)
def test_what_cannot_be_replayed_is_refused_before_anything_is_made(
    tmp_path: Path, options: list[str], unit: str, message: str
) -> None:
    """One line that names the mistake; no topic, no schema, no process."""
    done = _replay(_series(tmp_path, 3), new_namespace(), *options, unit=unit)
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "plan published" not in done.stdout


def test_a_broker_that_is_away_is_named(tmp_path: Path) -> None:
    """One line with the address, exit code 1, no traceback."""
    done = _replay(_series(tmp_path, 3), new_namespace(), MIYUN_KAFKA_BOOTSTRAP="127.0.0.1:1")
    assert done.returncode == 1
    assert "the broker 127.0.0.1:1 cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


async def test_sigterm_takes_its_children_along(tmp_path: Path) -> None:
    """A replay that is ended leaves no monitor and no recorder behind."""
    namespace = new_namespace()
    command = ["replay-csv", str(_series(tmp_path, 24)), *TARGET, "--unit", "degF", "--namespace", namespace]
    with running(*command, environment=_environment(tmp_path), log=tmp_path / "log") as replay:
        await replay.until("\nsent ", within_s=60)
        assert len(_running_in(namespace)) >= 2
        assert await replay.stop() == 128 + signal.SIGTERM
    assert _running_in(namespace) == []


def _running_in(namespace: str) -> list[int]:
    """Processes whose environment names the namespace (Linux)."""
    wanted = f"MIYUN_NAMESPACE={namespace}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_a_child_that_ends_is_named_with_its_last_words(tmp_path: Path) -> None:
    """The error says which command ended, how, and what it wrote last."""
    previous = signal.getsignal(signal.SIGTERM)
    try:
        with subprocesses.running(["juggler"], {}, tmp_path / "logs") as (juggler,):
            juggler.process.wait(30)
            told = r"miyun juggler run ended with exit code 2\n(.|\n)*juggler"
            with pytest.raises(subprocesses.CommandFailedError, match=told):
                juggler.ensure_running()
    finally:
        signal.signal(signal.SIGTERM, previous)
