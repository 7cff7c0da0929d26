"""Stop and start the tests' broker and database; only those that ``make test`` started itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVERS = Path(__file__).parents[2] / "deploy" / "local" / "servers.py"
needs_own_servers = pytest.mark.skipif(
    "MIYUN_TEST_SERVERS" not in os.environ,
    reason="stops Kafka or PostgreSQL: only with the servers that `make test` starts itself",
)


def server(name: str, action: str, **variables: str) -> None:
    """Stop or start ``kafka`` or ``postgres``, with these variables in its environment."""
    command = [sys.executable, str(SERVERS), "test", name, action]
    subprocess.run(command, check=True, timeout=60, env={**os.environ, **variables})
