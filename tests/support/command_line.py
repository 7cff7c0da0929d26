"""The command line as a person runs it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MIYUN = Path(sys.executable).with_name("miyun")
"""The installed command."""
Miyun = Callable[..., subprocess.CompletedProcess[str]]
"""Runs the command with these arguments (and, by keyword, variables) and waits for its end."""
