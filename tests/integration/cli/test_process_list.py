"""Whoever lists the processes of the machine does not read the database's password."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit, urlunsplit

import pytest
from support.programs import MIYUN, Miyun, Programs, free_ports
from support.servers import SERVERS

from services.runtime.postgres import password_file

pytestmark = pytest.mark.alone  # sets the password of the database's role, to what it is

PROGRAMS = ("monitor", "recorder", "notifier", "simulate", "catcher", "console")
ONE_SHOT = ("status", "doctor", "alerts list", "deliveries", "coverage", "console account set op")
README = f"""eval "$({MIYUN} env)"; psql "$MIYUN_DATABASE_URL" -c 'SELECT pg_sleep(1), 4711'"""
ENSURE_DATABASE = """
import json, os, pathlib, sys
sys.path.insert(0, sys.argv[1])
import database, layout
state = pathlib.Path(os.environ["MIYUN_TEST_SERVERS"])
postgres = json.loads(state.read_text())["postgres"]
database.ensure_database(layout.Layout(state.parent.name), postgres["port"], postgres["password"])
"""
"""How ``make up`` and ``make test`` give the role its password."""
LOOK_EVERY_S = 0.05


@contextmanager
def watching() -> Iterator[set[str]]:
    """Every line that ``ps -ef`` shows meanwhile, uncut."""
    seen: set[str] = set()
    over = Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_S):
            listed = subprocess.run(["/bin/ps", "-efww"], capture_output=True, text=True, check=True)
            seen.update(listed.stdout.splitlines())

    thread = Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@pytest.fixture
def password() -> str:
    """What stands in the password file of the tests' database."""
    path = password_file(os.environ["MIYUN_DATABASE_URL"])
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_text().strip().rpartition(":")[2]


def test_no_process_shows_the_password(environment: dict[str, str], password: str, tmp_path: Path) -> None:
    """Not in its command line: programs, commands, psql as the README has it, and what sets the password."""
    console, *ports = free_ports(3)
    variables = zip(("CONSOLE", "CATCHER", "CATCHER_SMTP"), (console, *ports), strict=True)
    stack = environment | {f"MIYUN_{name}_PORT": str(port) for name, port in variables}
    programs = Programs(environment=stack, folder=tmp_path, url=f"http://127.0.0.1:{console}")
    ensure = [sys.executable, "-c", ENSURE_DATABASE, str(SERVERS.parent)]
    commands = [*([str(MIYUN), *words.split()] for words in ONE_SHOT), ensure, ["bash", "-c", README]]
    log = tmp_path / "log"
    with watching() as seen, log.open("ab") as out:
        try:
            for name in PROGRAMS:
                programs.start(name)
            for one in [subprocess.Popen(command, env=stack, stdout=out, stderr=out) for command in commands]:
                one.wait()
            pids = [program.process.pid for program in programs.programs.values()]
            handed_on = [Path(f"/proc/{pid}/environ").read_text() for pid in pids]
        finally:
            programs.end()
    assert "4711" in log.read_text(), "psql was let in"
    for command in (
        *(f"{name} run" for name in PROGRAMS),
        *ONE_SHOT,
        "ensure_database(",
        "psql postgresql://",
    ):
        assert any(command in line for line in seen), f"{command} was not seen"
    assert not [line for line in seen if password in line]
    assert not [one for one in handed_on if password in one], "nor in what it hands on to others"


def test_a_password_in_the_url_goes_on_working(miyun: Miyun, password: str) -> None:
    """As in stacks of release 0.1; ``miyun env`` says what is better."""
    parts = urlsplit(os.environ["MIYUN_DATABASE_URL"])
    netloc = f"{parts.username}:{password}@{parts.hostname}:{parts.port}"
    url = urlunsplit(parts._replace(netloc=netloc, query=""))

    done = miyun("doctor", MIYUN_DATABASE_URL=url)
    told = miyun("env", MIYUN_DATABASE_URL=url)

    assert "ok       database" in done.stdout, done.stdout
    assert f"MIYUN_DATABASE_URL='{url}?options=" in told.stdout
    assert "holds a password" in told.stderr
    assert password not in told.stderr
