"""Tables and pages on terminals of several widths, in a pipe and in a file."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from rich.cells import cell_len

PROGRAM = """
from services.runtime import screen
rows = [
    ("3f2a9c01", "2026-01-13 19:00:04", screen.text("危急", "red"), "B 未确认", "鼓楼街道 " + "甲" * 30),
    ("77b0e5d2", "2026-01-13 19:00:09", "提示", "D returned, unack.", "short"),
]
screen.show(screen.table(("编号", "发生", "级别", "状态", "概要"), rows, title="title"))
screen.show(screen.facts([("编号", "3f2a9c01"), ("无", ""), ("处置", "乙" * 60)]))
systems = ("Water", "Sewer", "District heating", "Gas", "Street lighting", "合计")
towns = [(f"town {n}", "100%", "88.8%", "100%", "·", "100%", "77%") for n in range(2)]
screen.show(screen.table(("镇街", *systems), towns, figures=True))
"""


def on_terminal(columns: int, **variables: str) -> list[str]:
    """What ``PROGRAM`` prints on a terminal so wide, as it arrives there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=theirs, env=kept | {"TERM": "xterm-256color"} | variables
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            told += os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
    os.close(ours)
    assert process.wait(20) == 0
    return told.decode().replace("\r\n", "\n").splitlines()


def piped(**variables: str) -> list[str]:
    """What it prints into a pipe."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=os.environ | variables, capture_output=True, check=True
    )
    return done.stdout.decode().splitlines()


def plain(line: str) -> str:
    """Without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def test_on_a_wide_terminal_every_row_is_a_line() -> None:
    """Chinese characters take two columns: what begins a column stands below its heading."""
    lines = [plain(line) for line in on_terminal(200)]
    head, row = (next(line for line in lines if word in line) for word in ("概要", "鼓楼街道"))
    assert cell_len(head.partition("概要")[0]) == cell_len(row.partition("鼓楼街道")[0])
    assert row.count("甲") == 30
    assert "3f2a9c01" in row


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_on_a_narrow_terminal_nothing_is_cut_or_wider(columns: int) -> None:
    """Ids, times and states stay whole; the headline stands below its row when there is no room beside it."""
    lines = [plain(line) for line in on_terminal(columns)]
    assert max(map(cell_len, lines)) <= columns
    together = "\n".join(lines)
    for words in ("3f2a9c01  2026-01-13 19:00:04", "D returned, unack.", "short"):
        assert words in together
    assert lines[-1].split() == ["town", "1", "100%", "88.8%", "100%", "·", "100%", "77%"]
    assert (together.count("甲"), together.count("乙")) == (30, 60)
    assert "…" not in together


def test_colours_are_for_terminals_that_want_them() -> None:
    """NO_COLOR is respected; a pipe gets plain text."""
    colour = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
    assert any(colour.search(line) for line in on_terminal(80))
    assert not any(colour.search(line) for line in on_terminal(80, NO_COLOR="1"))
    assert not any("\x1b" in line for line in piped())


@pytest.mark.parametrize("columns", ["20", "80"])
def test_in_a_pipe_a_row_is_a_line_however_long(columns: str) -> None:
    """Whatever COLUMNS says; no spaces at the end, no lines that are no rows."""
    lines = piped(COLUMNS=columns)
    assert lines[2:4] == [
        "3f2a9c01  2026-01-13 19:00:04  危急  B 未确认            鼓楼街道 " + "甲" * 30,
        "77b0e5d2  2026-01-13 19:00:09  提示  D returned, unack.  short",
    ]
    assert lines[4:6] == ["编号  3f2a9c01", "处置  " + "乙" * 60]
    assert lines[-1] == "town 1   100%  88.8%              100%    ·             100%   77%"
    assert all(line == line.rstrip() for line in lines)


def test_a_locale_without_chinese_stops_nothing() -> None:
    """LANG=C is UTF-8 to Python; where output takes ASCII only, the command line shows question marks."""
    assert piped(LANG="C", LC_ALL="C")[2].endswith("甲" * 30)
    code = (
        "from services.cli import main; from services.runtime import screen\n"
        "main.entry_points = lambda group: ()\n"
        "main.shown.register = lambda root: root.command('say')(lambda: screen.show('危急'))\n"
        "main.app_main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "say"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"??\n", b"")
