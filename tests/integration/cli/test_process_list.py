"""Whoever lists the processes of the machine does not read the database's password."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit, urlunsplit

import pytest
from support.programs import MIYUN, Miyun, free_ports, start
from support.servers import SERVERS

from services.runtime.postgres import password_file

pytestmark = pytest.mark.alone

PROGRAMS = ("monitor run", "recorder run", "notifier run", "console run", "simulate run", "catcher run")
ONE_SHOT = ("status", "doctor", "alerts list", "deliveries", "coverage", "console account set op")
README = f"""eval "$({MIYUN} env)"; psql "$MIYUN_DATABASE_URL" -c 'SELECT pg_sleep(1), 4711'"""
ENSURE_DATABASE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import database, servers
pair = servers.PAIRS[sys.argv[2]]
postgres = json.loads(pair.state_file.read_text())["postgres"]
database.ensure_database(pair.layout, postgres["port"], postgres["password"])
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
    ports = zip(("CONSOLE", "CATCHER", "CATCHER_SMTP"), free_ports(3), strict=True)
    stack = environment | {f"MIYUN_{name}_PORT": str(port) for name, port in ports}
    pair = Path(os.environ["MIYUN_TEST_SERVERS"]).parent.name
    ensure = [sys.executable, "-c", ENSURE_DATABASE, str(SERVERS.parent), pair]
    log = tmp_path / "log"
    with watching() as seen, log.open("ab") as out:
        programs = [start(*words.split(), environment=stack, log=log) for words in PROGRAMS]
        try:
            once = [start(*words.split(), environment=stack, log=log).process for words in ONE_SHOT]
            others = (ensure, ["bash", "-c", README])
            once += [subprocess.Popen(command, env=stack, stdout=out, stderr=out) for command in others]
            for process in once:
                process.wait()
            variables = [Path(f"/proc/{one.process.pid}/environ").read_text() for one in programs]
        finally:
            for one in programs:
                one.end(signal.SIGKILL)
    assert "4711" in log.read_text(), "psql was let in"
    for command in (*PROGRAMS, *ONE_SHOT, "ensure_database(", "psql postgresql://"):
        assert any(command in line for line in seen), f"{command} was not seen"
    assert not [line for line in seen if password in line]
    assert not [one for one in variables if password in one], "nor in what it hands on to others"


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
