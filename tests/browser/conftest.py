"""What all browser tests need."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash") or "bash"


@pytest.fixture(scope="session")
def node() -> str:
    """The program, with the page built."""
    web = str(ROOT / "deploy" / "local" / "web.sh")
    subprocess.run([BASH, web], check=True, timeout=120)
    done = subprocess.run([BASH, web, "node"], check=True, timeout=120, capture_output=True, text=True)
    return done.stdout.strip()
