"""The Kafka and the TimescaleDB of the tests: start, stop, kill, one by one or both.

    python deploy/local/servers.py test up                    both, fresh; prints `export` lines
    python deploy/local/servers.py test down                  stop both, delete their data
    python deploy/local/servers.py test env                   the `export` lines of running servers
    python deploy/local/servers.py test kafka|postgres stop   end it in order (SIGTERM, SIGINT); data stay
    python deploy/local/servers.py test kafka|postgres kill   SIGKILL, children too: a crash; data stay
    python deploy/local/servers.py test kafka|postgres start  again, same port and data; returns when ready

A test that makes a server go away uses these (any Python from 3.11 will do). What runs is told by
``.local/test/servers.json`` (path also in ``MIYUN_TEST_SERVERS``):

    {"kafka":    {"pid": 1, "started": 2, "port": 3, "controller_port": 4, "command": [...], "log": "..."},
     "postgres": {"pid": 1, "started": 2, "port": 3, "password": "...", "command": [...], "log": "..."}}

``pid`` and ``started`` are 0 while a server is stopped on purpose. When the tests use servers that
``MIYUN_KAFKA_BOOTSTRAP`` and ``MIYUN_DATABASE_URL`` named, ``MIYUN_TEST_SERVERS`` is not set: tests that stop
servers then skip, and say so.
"""

import argparse
import fcntl
import json
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import broker
import database
from layout import (
    IS_ROOT,
    POSTGRES_USER,
    TEST,
    StackError,
    check_path_length,
    choose_ports,
    say,
    write_private,
)
from processes import Process, kill, start_detached, stop, wait_until

STATE = TEST.base / "servers.json"
PASSFILE = TEST.base / "postgres.pgpass"
PORTS = {"kafka": 27092, "controller": 27192, "postgres": 27432}
READY_WITHIN_S = 60
STOP_SIGNALS = {"kafka": signal.SIGTERM, "postgres": signal.SIGINT}
"""SIGINT is PostgreSQL's fast shutdown; at SIGTERM it would wait for its clients to leave."""

State = dict[str, dict[str, Any]]


def up() -> None:
    """Start both servers with fresh data, unless they run already."""
    if are_running():
        say("test servers: running already")
        return
    check_path_length()
    down()
    ports = choose_ports(PORTS)
    say("test servers: Kafka and PostgreSQL with TimescaleDB")
    broker.prepare(TEST, ports["kafka"], ports["controller"])
    database.prepare(TEST, ports["postgres"], durable=False)
    state = _fresh_state(ports)
    for name in state:
        _launch(state, name)
    for name in state:
        _wait_ready(state, name)
    database.ensure_database(TEST, ports["postgres"], state["postgres"]["password"])
    say("test servers: ready")


def down() -> None:
    """Stop both servers and delete their data; the logs stay until the next start."""
    state = _read_state()
    for name, server in state.items():
        say(f"test servers: stopping {name}")
        stop(_process(server), STOP_SIGNALS[name], within_s=20)
    STATE.unlink(missing_ok=True)
    PASSFILE.unlink(missing_ok=True)
    shutil.rmtree(TEST.kafka, ignore_errors=True)
    shutil.rmtree(TEST.postgres, ignore_errors=True)


def are_running() -> bool:
    """Whether both test servers run."""
    state = _read_state()
    return bool(state) and all(_process(server).is_alive for server in state.values())


def variables() -> dict[str, str]:
    """What the tests need to know, as environment variables."""
    state = _read_state()
    if not state:
        raise StackError("no test servers: make test-servers")
    kafka, postgres = state["kafka"], state["postgres"]
    return {
        "MIYUN_KAFKA_BOOTSTRAP": f"127.0.0.1:{kafka['port']}",
        "MIYUN_DATABASE_URL": database.url(postgres["port"], PASSFILE, postgres["password"]),
        "MIYUN_TEST_SERVERS": str(STATE),
    }


def start_one(name: str) -> None:
    """Start a stopped or killed server again and wait until it is ready."""
    state = _read_state()
    if not _process(state[name]).is_alive:
        if name == "postgres":
            database.clear_crash(TEST)
        _launch(state, name)
    _wait_ready(state, name)


def end_one(name: str, how: Callable[[Process], None]) -> None:
    """Stop or kill one server; its data stay."""
    state = _read_state()
    how(_process(state[name]))
    state[name] |= {"pid": 0, "started": 0}
    _write_state(state)


def _fresh_state(ports: dict[str, int]) -> State:
    shutil.rmtree(TEST.logs, ignore_errors=True)
    kafka = {"controller_port": ports["controller"], "command": broker.command(TEST)}
    postgres = {"password": secrets.token_hex(16), "command": database.command(TEST)}
    return {
        name: {"pid": 0, "started": 0, "port": ports[name], "log": str(TEST.logs / f"{name}.log")} | server
        for name, server in (("kafka", kafka), ("postgres", postgres))
    }


def _launch(state: State, name: str) -> None:
    server = state[name]
    is_postgres = name == "postgres"
    process = start_detached(
        server["command"],
        log=Path(server["log"]),
        user=POSTGRES_USER if is_postgres and IS_ROOT else None,
        environment=database.environment() if is_postgres else dict(os.environ),
    )
    server |= {"pid": process.pid, "started": process.started}
    _write_state(state)


def _wait_ready(state: State, name: str) -> None:
    server, port = state[name], state[name]["port"]

    def is_ready() -> bool:
        if not _process(server).is_alive:
            raise StackError(f"{name} ended while starting; its log: {server['log']}")
        return broker.is_ready(port) if name == "kafka" else database.is_ready(TEST, port)

    wait_until(is_ready, within_s=READY_WITHIN_S, what=f"{name} to be ready; its log: {server['log']}")


def _process(server: dict[str, Any]) -> Process:
    return Process(server["pid"], server["started"])


def _read_state() -> State:
    return json.loads(STATE.read_text()) if STATE.exists() else {}


def _write_state(state: State) -> None:
    fresh = STATE.with_suffix(".new")
    write_private(fresh, json.dumps(state, indent=1))
    fresh.replace(STATE)


ACTIONS: dict[str, Callable[[str], None]] = {
    "start": start_one,
    "stop": lambda name: end_one(name, lambda process: stop(process, STOP_SIGNALS[name], within_s=20)),
    "kill": lambda name: end_one(name, kill),
}


def main() -> None:
    """Carry out one command line."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("stack", choices=["test"])
    parser.add_argument("what", choices=["up", "down", "env", "kafka", "postgres"])
    parser.add_argument("action", choices=list(ACTIONS), nargs="?")
    chosen = parser.parse_args()
    if (chosen.what in ("kafka", "postgres")) != (chosen.action is not None):
        parser.error("kafka and postgres take start, stop or kill; up, down and env take nothing")
    try:
        _carry_out(chosen.what, chosen.action)
    except StackError as error:
        sys.exit(f"servers: {error}")


def _carry_out(what: str, action: str | None) -> None:
    TEST.base.mkdir(parents=True, exist_ok=True)
    with (TEST.base / "lock").open("w") as lock:  # two commands at once would start two brokers
        fcntl.flock(lock, fcntl.LOCK_EX)
        if action:
            variables()  # says what to do when nothing runs
            ACTIONS[action](what)
        elif what == "down":
            down()
        elif what == "up":
            up()
    if what in ("up", "env"):
        print("\n".join(f"export {name}='{value}'" for name, value in variables().items()))


if __name__ == "__main__":
    main()
