"""A Kafka and a TimescaleDB of the tests: start, stop, kill, one by one or both.

    python deploy/local/servers.py test up                    both, fresh; prints `export` lines
    python deploy/local/servers.py test down                  stop both, delete their data
    python deploy/local/servers.py test env                   the `export` lines of running servers
    python deploy/local/servers.py test folder                where the database's data lie, or will lie
    python deploy/local/servers.py test kafka|postgres stop   end it in order (SIGTERM, SIGINT); data stay
    python deploy/local/servers.py test kafka|postgres kill   SIGKILL, children too: a crash; data stay
    python deploy/local/servers.py test kafka|postgres start  again, same port and data; returns when ready

``alone`` instead of ``test`` is a second pair, for the tests that stop, restart or administer servers,
``chaos`` a third, of `make chaos`. Such a test uses these commands (any Python from 3.11 will do). What runs
is told by ``servers.json`` in ``.local/test/``, ``.local/alone/`` or ``.local/chaos/`` (path also in
``MIYUN_TEST_SERVERS``):

    {"kafka":    {"pid": 1, "started": 2, "port": 3, "controller_port": 4, "command": [...], "log": "..."},
     "postgres": {"pid": 1, "started": 2, "port": 3, "password": "...", "command": [...], "log": "..."}}

``pid`` and ``started`` are 0 while a server is stopped on purpose. When the tests use servers that
``MIYUN_KAFKA_BOOTSTRAP`` and ``MIYUN_DATABASE_URL`` named, ``MIYUN_TEST_SERVERS`` is not set: tests that need
servers of their own then skip, and say so.
"""

import argparse
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import broker
import database
from layout import (
    ALONE,
    CHAOS,
    IS_ROOT,
    POSTGRES_USER,
    ROOT,
    TEST,
    Layout,
    StackError,
    check_path_length,
    choose_ports,
    say,
    write_private,
)
from processes import Process, kill, start_detached, stop, wait_until

APART = int(hashlib.sha256(str(ROOT).encode()).hexdigest(), 16) % 90
"""Two checkouts that start servers at one moment rarely want the same ports."""
PORTS = {"kafka": 27_100 + APART, "controller": 27_200 + APART, "postgres": 27_400 + APART}
READY_WITHIN_S = 60
STOP_SIGNALS = {"kafka": signal.SIGTERM, "postgres": signal.SIGINT}
"""SIGINT is PostgreSQL's fast shutdown; at SIGTERM it would wait for its clients to leave."""

State = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Servers:
    """One pair of servers, in the folders of its layout."""

    layout: Layout

    @property
    def state_file(self) -> Path:
        return self.layout.base / "servers.json"

    @property
    def passfile(self) -> Path:
        """The password of the tests' user, for its owner alone."""
        return self.layout.base / "postgres.pgpass"

    def up(self) -> None:
        """Start both servers with fresh data, unless they run already."""
        if self.are_running():
            say(f"{self.layout.name} servers: running already")
            return
        check_path_length()
        self.down()
        ports = choose_ports(PORTS)
        say(f"{self.layout.name} servers: Kafka and PostgreSQL with TimescaleDB")
        broker.prepare(self.layout, ports["kafka"], ports["controller"])
        database.prepare(self.layout, ports["postgres"], durable=False)
        state = self._fresh_state(ports)
        for name in state:
            self._launch(state, name)
        for name in state:
            self._wait_ready(state, name)
        database.ensure_database(self.layout, ports["postgres"], state["postgres"]["password"])
        say(f"{self.layout.name} servers: ready")

    def down(self) -> None:
        """Stop both servers and delete their data; the logs stay until the next start."""
        for name, server in self._read_state().items():
            say(f"{self.layout.name} servers: stopping {name}")
            stop(_process(server), STOP_SIGNALS[name], within_s=20)
        self.state_file.unlink(missing_ok=True)
        self.passfile.unlink(missing_ok=True)
        shutil.rmtree(self.layout.kafka, ignore_errors=True)
        shutil.rmtree(self.layout.postgres, ignore_errors=True)

    def are_running(self) -> bool:
        """Returns whether both servers run."""
        state = self._read_state()
        return bool(state) and all(_process(server).is_alive for server in state.values())

    def variables(self) -> dict[str, str]:
        """The addresses that tests need, as environment variables."""
        state = self._read_state()
        if not state:
            raise StackError("no test servers: make test-servers")
        kafka, postgres = state["kafka"], state["postgres"]
        return {
            "MIYUN_KAFKA_BOOTSTRAP": f"127.0.0.1:{kafka['port']}",
            "MIYUN_DATABASE_URL": database.url(postgres["port"], self.passfile, postgres["password"]),
            "MIYUN_TEST_SERVERS": str(self.state_file),
        }

    def start_one(self, name: str) -> None:
        """Start a stopped or killed server again and wait until it is ready."""
        state = self._read_state()
        if not _process(state[name]).is_alive:
            if name == "postgres":
                database.clear_crash(self.layout)
            self._launch(state, name)
        self._wait_ready(state, name)

    def end_one(self, name: str, how: Callable[[Process], None]) -> None:
        """Stop or kill one server; its data stay."""
        state = self._read_state()
        how(_process(state[name]))
        state[name] |= {"pid": 0, "started": 0}
        self._write_state(state)

    def _fresh_state(self, ports: dict[str, int]) -> State:
        shutil.rmtree(self.layout.logs, ignore_errors=True)
        kafka = {"controller_port": ports["controller"], "command": broker.command(self.layout)}
        postgres = {"password": secrets.token_hex(16), "command": database.command(self.layout)}
        logs = self.layout.logs
        return {
            name: {"pid": 0, "started": 0, "port": ports[name], "log": str(logs / f"{name}.log")} | server
            for name, server in (("kafka", kafka), ("postgres", postgres))
        }

    def _launch(self, state: State, name: str) -> None:
        server = state[name]
        is_postgres = name == "postgres"
        process = start_detached(
            server["command"],
            log=Path(server["log"]),
            user=POSTGRES_USER if is_postgres and IS_ROOT else None,
            environment=database.environment() if is_postgres else dict(os.environ),
        )
        server |= {"pid": process.pid, "started": process.started}
        self._write_state(state)

    def _wait_ready(self, state: State, name: str) -> None:
        server, port = state[name], state[name]["port"]

        def is_ready() -> bool:
            if not _process(server).is_alive:
                raise StackError(f"{name} ended while starting; its log: {server['log']}")
            return broker.is_ready(port) if name == "kafka" else database.is_ready(self.layout, port)

        wait_until(is_ready, within_s=READY_WITHIN_S, what=f"{name} to be ready; its log: {server['log']}")

    def _read_state(self) -> State:
        return json.loads(self.state_file.read_text()) if self.state_file.exists() else {}

    def _write_state(self, state: State) -> None:
        fresh = self.state_file.with_suffix(".new")
        write_private(fresh, json.dumps(state, indent=1))
        fresh.replace(self.state_file)


def _process(server: dict[str, Any]) -> Process:
    return Process(server["pid"], server["started"])


TEST_SERVERS, ALONE_SERVERS = Servers(TEST), Servers(ALONE)
PAIRS = {servers.layout.name: servers for servers in (TEST_SERVERS, ALONE_SERVERS, Servers(CHAOS))}
ACTIONS: dict[str, Callable[[Servers, str], None]] = {
    "start": Servers.start_one,
    "stop": lambda pair, name: pair.end_one(
        name, lambda process: stop(process, STOP_SIGNALS[name], within_s=20)
    ),
    "kill": lambda pair, name: pair.end_one(name, kill),
}


def main() -> None:
    """Carry out one command line."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("pair", choices=list(PAIRS))
    parser.add_argument("what", choices=["up", "down", "env", "folder", "kafka", "postgres"])
    parser.add_argument("action", choices=list(ACTIONS), nargs="?")
    chosen = parser.parse_args()
    if (chosen.what in ("kafka", "postgres")) != (chosen.action is not None):
        parser.error("kafka and postgres take start, stop or kill; the others take nothing")
    try:
        _carry_out(PAIRS[chosen.pair], chosen.what, chosen.action)
    except StackError as error:
        sys.exit(f"servers: {error}")


def _carry_out(pair: Servers, what: str, action: str | None) -> None:
    pair.layout.base.mkdir(parents=True, exist_ok=True)
    with (pair.layout.base / "lock").open("w") as lock:  # two commands at once would start two brokers
        fcntl.flock(lock, fcntl.LOCK_EX)
        if action:
            pair.variables()  # says what to do when nothing runs
            ACTIONS[action](pair, what)
        elif what == "down":
            pair.down()
        elif what == "up":
            pair.up()
    if what == "folder":
        print(pair.layout.postgres)
    if what in ("up", "env"):
        print("\n".join(f"export {name}='{value}'" for name, value in pair.variables().items()))


if __name__ == "__main__":
    main()
