"""``make test``: style, types, import rules, then pytest, on a Kafka and a TimescaleDB of its own.

Every check runs even if one before it failed; the exit code is that of the first that did. Servers come
from ``servers.py``, unless ``MIYUN_KAFKA_BOOTSTRAP`` *and* ``MIYUN_DATABASE_URL`` name some, or ``make
test-servers`` left some running: those are used and left alone. Other ``MIYUN_*`` variables are kept away
from the tests.
"""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time

import servers
from layout import ROOT, TEST, VENV_BIN, StackError, say

GIVEN = ("MIYUN_KAFKA_BOOTSTRAP", "MIYUN_DATABASE_URL")
CHECKS = {
    "style": ["ruff", "check"],
    "format": ["ruff", "format", "--check", "--quiet"],
    "types": ["mypy"],
    "import rules": ["lint-imports"],
}
"""Name, then the command of the environment's."""
WITHOUT_SERVERS = ("tests/unit", "tests/contract")


def main() -> None:
    """Run what was asked for and exit with the first failure's code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only-lint", action="store_true")
    parser.add_argument("--only-pytest", action="store_true")
    parser.add_argument("--no-servers", action="store_true", help="only the tests that need none")
    chosen, pytest_arguments = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped then too
    codes = [] if chosen.only_pytest else [_check(name, command) for name, command in CHECKS.items()]
    try:
        if chosen.no_servers:
            codes.append(_pytest([*WITHOUT_SERVERS, *pytest_arguments], {}))
        elif not chosen.only_lint:
            codes.append(_tests(pytest_arguments))
    except StackError as error:
        codes.append(1)
        print(f"make test: {error}", file=sys.stderr)
    sys.exit(next((code for code in codes if code), 0))


def _check(name: str, command: list[str], environment: dict[str, str] | None = None) -> int:
    """Run one command of the environment's; its output is shown, its code returned."""
    began = time.monotonic()
    sys.stdout.flush()
    line = [str(VENV_BIN / command[0]), *command[1:]]
    code = subprocess.run(line, cwd=ROOT, env=environment, check=False).returncode
    say(f"{name}: {'passed' if code == 0 else f'FAILED ({code})'} in {time.monotonic() - began:.1f} s")
    return code


def _tests(arguments: list[str]) -> int:
    """Run pytest on the servers that were given, or on our own, which are stopped whatever happens."""
    given = [name for name in GIVEN if name in os.environ]
    if len(given) == 1:
        raise StackError(f"{given[0]} is set alone: set both {' and '.join(GIVEN)}, or neither")
    if given:
        say("tests: on the servers that the environment names")
        return _pytest(arguments, {name: os.environ[name] for name in GIVEN})
    TEST.base.mkdir(parents=True, exist_ok=True)
    with (TEST.base / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError("another `make test` runs in this checkout: wait for its end") from None
        return _on_own_servers(arguments)


def _on_own_servers(arguments: list[str]) -> int:
    keep = servers.are_running()
    try:
        servers.up()
        return _pytest(arguments, servers.variables())
    finally:
        if not keep:
            servers.down()


def _pytest(arguments: list[str], variables: dict[str, str]) -> int:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIYUN_")}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("MIYUN_BENCH_")}
    return _check("tests", ["pytest", *arguments], kept | variables)


if __name__ == "__main__":
    main()
