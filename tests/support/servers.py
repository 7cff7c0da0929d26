"""Stop, start and administer the tests' broker and database: for tests marked ``alone``."""

import json
import os
import subprocess
import sys
from pathlib import Path

SERVERS = Path(__file__).parents[2] / "deploy" / "local" / "servers.py"


def server(name: str, action: str, **variables: str) -> None:
    """Stop or start ``kafka`` or ``postgres``, with these variables in its environment."""
    pair = Path(os.environ["MIYUN_TEST_SERVERS"]).parent.name
    command = [sys.executable, str(SERVERS), pair, name, action]
    subprocess.run(command, check=True, timeout=60, env={**os.environ, **variables})


def psql(*arguments: str) -> str:
    """What psql prints as the administrator of the database, which it reaches by the server's socket."""
    postgres = json.loads(Path(os.environ["MIYUN_TEST_SERVERS"]).read_text())["postgres"]
    program, _, data = postgres["command"]
    where = [
        f"--host={Path(data).parent}",
        f"--port={postgres['port']}",
        "--username=postgres",
        "--dbname=miyun",
    ]
    command = [
        str(Path(program).with_name("psql")),
        "--no-psqlrc",
        "--quiet",
        "--tuples-only",
        *where,
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
