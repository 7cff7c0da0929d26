"""Scripts in tests/browser/ that drive Chromium; their assertions are the test's."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from support.programs import PASSWORD

WEB = (shutil.which("bash") or "bash", str(Path(__file__).parents[2] / "deploy" / "local" / "web.sh"))
"""The command that builds the page and finds Node.js."""
SCRIPTS = Path(__file__).parents[1] / "browser"
Step = tuple[str, Callable[[], object], str]
"""What the script says, what is done then, what it is told; empty: what the deed returned."""


def node_program() -> str:
    """The program, with the page built."""
    subprocess.run(WEB, check=True, timeout=120)
    done = subprocess.run([*WEB, "node"], check=True, timeout=120, capture_output=True, text=True)
    return done.stdout.strip()


def surroundings(url: str) -> dict[str, str]:
    """What every script is told: ``url`` is the console's."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "make test and make bench install it"
    return {
        **os.environ,
        "CONSOLE_URL": url,
        "CONSOLE_PASSWORD": PASSWORD,
        "CHROMIUM": chromium,
        "SHOTS": os.environ.get("MIYUN_TEST_SHOTS", str(Path(tempfile.gettempdir()) / "miyun-shots")),
    }


def browse(node: str, script: str, environment: Mapping[str, str]) -> None:
    """Run a script with its browser; its assertions are the test's."""
    done = subprocess.run(
        [node, str(SCRIPTS / script)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def converse(node: str, script: str, environment: Mapping[str, str], steps: list[Step]) -> None:
    """Run a script that waits for the test: at each word of its own something is done, and it is told."""
    running = subprocess.Popen(
        [node, str(SCRIPTS / script)], env=environment, stdin=-1, stdout=-1, stderr=-1, text=True
    )
    assert running.stdin is not None
    assert running.stdout is not None
    try:
        for heard, act, said in steps:
            line = running.stdout.readline().strip()
            assert line == heard, running.communicate()[1]
            returned = act()
            running.stdin.write(f"{said or returned}\n")
            running.stdin.flush()
        out, err = running.communicate(timeout=60)
        assert (running.returncode, out.strip()) == (0, "done"), err
    finally:
        running.kill()
        running.wait()
