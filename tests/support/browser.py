"""What a script with a browser needs: the program that runs it, and what it is told."""

import os
import shutil
import subprocess
from pathlib import Path

WEB = (shutil.which("bash") or "bash", str(Path(__file__).parents[2] / "deploy" / "local" / "web.sh"))
"""The command that builds the page and finds Node.js."""


def node_program() -> str:
    """The program, with the page built."""
    subprocess.run(WEB, check=True, timeout=120)
    done = subprocess.run([*WEB, "node"], check=True, timeout=120, capture_output=True, text=True)
    return done.stdout.strip()


def told(url: str, password: str) -> dict[str, str]:
    """The environment of a script: the console, and the browser."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "make test and make bench install it"
    return {**os.environ, "CONSOLE_URL": url, "CONSOLE_PASSWORD": password, "CHROMIUM": chromium}
