"""supervisord, which starts, watches and stops the demo city's processes; its socket is in ``.local/``."""

import os
import shlex
import string
import subprocess
from pathlib import Path

import broker
import database
from layout import DEMO, HERE, IS_ROOT, LOCAL, POSTGRES_USER, ROOT, VENV_BIN, StackError, render
from processes import of_pid, run_checked, wait_until

SETTINGS = LOCAL / "supervisord.conf"
SOCKET = LOCAL / "supervisor.sock"
PID_FILE = LOCAL / "supervisord.pid"
PROGRAMS = {
    "monitor": "monitor run",
    "recorder": "recorder run",
    "catcher": "catcher run",
    "notifier": "notifier run",
    "simulator": "simulate run",
    "console": "console run",
}
"""The product's long-running programs and their `miyun` commands, in the order of starting."""


def write_settings() -> None:
    """Render supervisord's settings for this checkout."""
    DEMO.logs.mkdir(parents=True, exist_ok=True)
    one = string.Template((HERE / "program.conf.in").read_text())
    programs = [
        one.substitute(
            name=name,
            command=_quoted([str(VENV_BIN / "miyun"), *arguments.split()]),
            root=_literal(ROOT),
            logs=_literal(DEMO.logs),
            priority=30 + 10 * number,
        )
        for number, (name, arguments) in enumerate(PROGRAMS.items())
    ]
    render(
        "supervisord.conf.in",
        SETTINGS,
        local=_literal(LOCAL),
        logs=_literal(DEMO.logs),
        as_root="user = root" if IS_ROOT else "",
        as_postgres=f"user = {POSTGRES_USER}" if IS_ROOT else "",
        kafka=_quoted(broker.command(DEMO)),
        postgres=_quoted(database.command(DEMO)),
        programs="".join(programs),
    )


def is_running() -> bool:
    """Returns whether this checkout's supervisord runs."""
    return SOCKET.exists() and _control("pid").returncode == 0


def begin(variables: dict[str, str]) -> None:
    """Start supervisord, or let the running one take changed settings in; no program is started yet."""
    if is_running():
        _control("update")
        return
    SOCKET.unlink(missing_ok=True)
    command = [str(VENV_BIN / "supervisord"), "-c", str(SETTINGS)]
    run_checked(command, "supervisord did not start", env=database.environment() | variables)
    wait_until(is_running, within_s=20, what=f"supervisord; its log: {DEMO.logs / 'supervisord.log'}")


def start(name: str) -> None:
    """Start a program unless it runs; returns when it has stayed up for its first seconds."""
    if states().get(name) in ("RUNNING", "STARTING"):
        return
    done = _control("start", name)
    if done.returncode != 0:
        raise failure(name)


def end() -> None:
    """Stop all programs, the last started first, and supervisord itself; wait until it is gone."""
    supervisor = of_pid(int(PID_FILE.read_text()))
    _control("shutdown")
    wait_until(lambda: not supervisor.is_alive, within_s=180, what="supervisord to end")


def states() -> dict[str, str]:
    """The state of each program in supervisord's words, such as RUNNING, BACKOFF, FATAL."""
    lines = _control("status").stdout.splitlines()
    return {words[0]: words[1] for words in (line.split() for line in lines) if len(words) > 1}


def describe() -> str:
    """The output of `supervisorctl status`."""
    return _control("status").stdout.rstrip()


def failure(name: str) -> StackError:
    """The error for a program that does not stay up: the end of its log."""
    log = DEMO.logs / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines()[-20:] if log.exists() else []
    return StackError("\n".join([f"{name} does not stay up; the end of {log}:", *lines]))


def _control(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(VENV_BIN / "supervisorctl"), "-c", str(SETTINGS), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))


def _quoted(command: list[str]) -> str:
    return _literal(shlex.join(command))


def _literal(text: str | Path) -> str:
    """supervisord expands %(name)s in its settings; a percent sign of ours is doubled."""
    return str(text).replace("%", "%%")
