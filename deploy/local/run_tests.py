"""``make check``, ``make test`` and their like: style, types, import rules and pytest, each timed.

    run_tests.py                 style, format, import rules, types; beside them all tests but the long ones,
                                 by several workers on one pair of servers; then, one by one and on a second
                                 pair, the tests marked ``alone``
    run_tests.py --no-servers    the same with those tests only that need no servers
    run_tests.py --only-pytest   pytest with the arguments given (``-m long``, a path ...), test by test
    run_tests.py --only-lint     no test

The first pair of servers is a fresh one of ours, unless ``MIYUN_KAFKA_BOOTSTRAP`` *and*
``MIYUN_DATABASE_URL`` name some, or ``make test-servers`` left some running: those are used and left alone.
The second is always a fresh one of ours. Other ``MIYUN_*`` variables are kept away from the tests. Every
check runs even if one before it failed; the exit code is that of the first that did. The last line has two
figures: set-up (from ``--began`` on, and the servers' start) and tests.
"""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from layout import ROOT, VENV_BIN, StackError, say
from servers import ALONE_SERVERS, TEST_SERVERS, Servers

GIVEN = ("MIYUN_KAFKA_BOOTSTRAP", "MIYUN_DATABASE_URL")
LINT = {
    "style": ["ruff", "check"],
    "format": ["ruff", "format", "--check", "--quiet"],
    "import rules": ["lint-imports"],
    "types": ["mypy"],
}
"""Name, then the command of the environment's."""
WITHOUT_SERVERS = ["tests/unit", "tests/contract"]
USUAL = "not bench and not chaos and not cost and not long and not soak"
WORKERS = 4
"""On two cores: tests with servers wait for processes and records about a third of their time."""
SHORT_LIVED_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""The suite's brokers live for minutes: what a JVM compiles for days costs them a core at first."""
NO_TESTS = 5
"""pytest's exit code for an empty selection: ``-k name`` may name tests of one of both passes only."""
LONGEST_S = 3_600
"""A pytest that runs longer hangs outside of any test: it is ended by SIGABRT, at which it says where."""


@dataclass(slots=True)
class Report:
    """Exit codes of what has run, and the time that servers took to come up meanwhile."""

    codes: list[int] = field(default_factory=list)
    servers_s: float = 0.0

    def add(self, name: str, code: int, took_s: float) -> None:
        """One more check has run; it is told at once."""
        self.codes.append(code)
        say(f"{name}: {'passed' if code == 0 else f'FAILED ({code})'} in {took_s:.1f} s")


def main() -> None:
    """Run what was asked for and exit with the first failure's code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only-lint", action="store_true")
    parser.add_argument("--only-pytest", action="store_true")
    parser.add_argument("--no-servers", action="store_true", help="only the tests that need none")
    parser.add_argument("--began", type=float, default=time.time(), help="epoch s at which set-up began")
    chosen, arguments = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped then too
    report, installed_s, began = Report(), time.time() - chosen.began, time.monotonic()
    try:
        _run(chosen, arguments, report)
    except StackError as error:
        report.codes.append(1)
        print(f"run_tests: {error}", file=sys.stderr)
    took_s = time.monotonic() - began - report.servers_s
    say(f"set-up {installed_s + report.servers_s:.0f} s, tests {took_s:.0f} s")
    sys.exit(next((code for code in report.codes if code), 0))


def _run(chosen: argparse.Namespace, arguments: list[str], report: Report) -> None:
    if chosen.only_pytest:
        _one_by_one(arguments, report, with_servers=not chosen.no_servers)
        return
    with ThreadPoolExecutor(1) as beside:
        linting = beside.submit(_lint, report)
        if chosen.no_servers:
            _pytest([*WITHOUT_SERVERS, *_by_workers(2), *arguments], {}, report)
        elif not chosen.only_lint:
            _all_tests(arguments, report)
        linting.result()


def _lint(report: Report) -> None:
    """One after the other on one core; each tells what it has to tell in one piece."""
    for name, (program, *options) in LINT.items():
        began = time.monotonic()
        line = [str(VENV_BIN / program), *options]
        done = subprocess.run(
            line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            print(done.stdout, file=sys.stderr, flush=True)
        report.add(name, done.returncode, time.monotonic() - began)


def _one_by_one(arguments: list[str], report: Report, *, with_servers: bool) -> None:
    patient = ["-o", "faulthandler_timeout=0", *arguments]  # those that take long have time-outs of their own
    if with_servers:
        with _first_pair(report) as variables:
            _pytest(patient, variables, report)
    else:
        _pytest([*WITHOUT_SERVERS, *patient], {}, report)


def _all_tests(arguments: list[str], report: Report) -> None:
    os.environ.setdefault("JAVA_TOOL_OPTIONS", SHORT_LIVED_JAVA)
    with _first_pair(report) as variables:
        chosen = ["-m", f"{USUAL} and not alone", *_by_workers(WORKERS), *arguments]
        none_beside = _pytest(chosen, variables, report, may_be_empty=True) == NO_TESTS
    with _pair(ALONE_SERVERS, report) as variables:
        chosen = ["-m", f"{USUAL} and alone", *arguments]
        none_alone = _pytest(chosen, variables, report, may_be_empty=True) == NO_TESTS
    if none_beside and none_alone:
        raise StackError(f"no test fits {' '.join(arguments)}")


def _by_workers(number: int) -> list[str]:
    """Groups of tests go to workers as a whole, in the order that ``tests/conftest.py`` gives them."""
    return ["-n", str(number), "--dist", "loadgroup", "--no-loadscope-reorder"]


@contextmanager
def _first_pair(report: Report) -> Iterator[dict[str, str]]:
    """The variables of the servers that were given, or of ours, which are stopped whatever happens."""
    given = [name for name in GIVEN if name in os.environ]
    if len(given) == 1:
        raise StackError(f"{given[0]} is set alone: set both {' and '.join(GIVEN)}, or neither")
    if given:
        say("tests: on the servers that the environment names")
        yield {name: os.environ[name] for name in GIVEN}
        return
    with _pair(TEST_SERVERS, report, keep=TEST_SERVERS.are_running()) as variables:
        yield variables


@contextmanager
def _pair(servers: Servers, report: Report, *, keep: bool = False) -> Iterator[dict[str, str]]:
    """A fresh pair, stopped whatever happens; ``keep``: the one that runs, which goes on running."""
    base, began = servers.layout.base, time.monotonic()
    base.mkdir(parents=True, exist_ok=True)
    with (base / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError("other tests run in this checkout: wait for their end") from None
        try:
            if not keep:
                servers.down()
                servers.up()
            report.servers_s += time.monotonic() - began
            yield servers.variables()
        finally:
            if not keep:
                servers.down()


def _pytest(
    arguments: list[str], variables: dict[str, str], report: Report, *, may_be_empty: bool = False
) -> int:
    """Run pytest; its exit code, which is also reported."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIYUN_")}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("MIYUN_BENCH_")}
    began = time.monotonic()
    sys.stdout.flush()
    command = [str(VENV_BIN / "pytest"), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=kept | variables, start_new_session=True)
    try:
        code = process.wait(LONGEST_S)
    except subprocess.TimeoutExpired:
        code = _ended(process, signal.SIGABRT)
    except BaseException:
        _ended(process, signal.SIGINT)
        raise
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever tests have started and not ended
    well = may_be_empty and code == NO_TESTS
    report.add("tests", 0 if well else code, time.monotonic() - began)
    return code


def _ended(process: "subprocess.Popen[bytes]", number: signal.Signals) -> int:
    """Its exit code after this signal, or after a SIGKILL if it does not listen."""
    process.send_signal(number)
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


if __name__ == "__main__":
    main()
