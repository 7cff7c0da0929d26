"""How soon an alert that the monitor decides on stands in a browser's feed."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.alerting import READY_WITHIN_S, Alerting, alerting
from bench.children import console
from bench.log import say
from bench.table import Table, spread
from support.browser import node_program, surroundings
from support.programs import PASSWORD

from services.console.accounts import set_account
from services.console.sessions import Account
from services.runtime.postgres import connect
from services.runtime.settings import Settings

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

ONE_BY_ONE, AT_ONCE = "MIYUN_BENCH_ALERTS", "MIYUN_BENCH_ALERTS_AT_ONCE"
PACES = {"one by one": 0.3, "in a storm": 0.04}
"""Seconds from one alert to the next, on average."""
OPEN_BEFORE = 150
SCRIPT = Path(__file__).with_name("watch_feed.mjs")


@pytest.fixture(scope="module")
def node() -> str:
    """The program; the page is built before its console starts."""
    return node_program()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Alerting]:
    """With 150 open alerts."""
    with alerting(tmp_path) as made:
        made.at_once(OPEN_BEFORE)
        yield made


@pytest.mark.parametrize("pace", list(PACES))
def test_alerts_one_by_one(pace: str, city: Alerting, node: str, tmp_path: Path, table: Table) -> None:
    """Each is painted."""
    number, every_s = int(os.environ.get(ONE_BY_ONE, "200")), PACES[pace]
    late = seen(city, node, tmp_path, number, lambda: city.one_by_one(number, every_s))
    how = f"{number} alerts, one in {every_s:g} s on average; {OPEN_BEFORE} were open before"
    table.add("seen", f"decision to browser, {pace}", spread(late), how)


def test_alerts_at_once(city: Alerting, node: str, tmp_path: Path, table: Table) -> None:
    """All of them are painted."""
    number = int(os.environ.get(AT_ONCE, "100"))
    late = seen(city, node, tmp_path, number, lambda: city.at_once(number))
    how = f"{number} alerts; {OPEN_BEFORE} were open before"
    table.add("seen", "decision to browser, at once", spread(late), how)


def seen(city: Alerting, node: str, folder: Path, number: int, act: Callable[[], object]) -> list[int]:
    """Raise so many alerts before a browser's eyes: how late it shows each of them, in ms."""
    asyncio.run(give_account(city.settings))
    with console(city.settings, folder) as child:
        child.until(child.is_ready, READY_WITHIN_S, "the console is ready")
        with watching(node, child.port) as watcher:
            act()
            painted = watcher(number)
        child.stop()
    appended = city.appended_ms()
    assert len(appended) == OPEN_BEFORE + number
    assert len(painted) == number
    return [at - appended[alert] for alert, at in painted.items()]


async def give_account(settings: Settings) -> None:
    """``op`` may sign in."""
    connection = await connect(settings)
    try:
        await set_account(connection, Account("op", "operator", "zh"), PASSWORD)
    finally:
        await connection.close()


@contextmanager
def watching(node: str, port: int) -> Iterator[Callable[[int], dict[str, int]]]:
    """A signed-in browser. Called with a number of new alerts, it tells when each was painted (epoch ms)."""
    environment = surroundings(f"http://127.0.0.1:{port}") | {"OPEN": str(OPEN_BEFORE)}
    running = subprocess.Popen(
        [node, str(SCRIPT)], env=environment, stdin=-1, stdout=-1, stderr=-1, text=True
    )

    def painted(number: int) -> dict[str, int]:
        out, err = running.communicate(f"{number}\n", timeout=120)
        assert running.returncode == 0, out + err
        found: dict[str, int] = json.loads(out)
        return found

    try:
        assert running.stdout is not None
        line = running.stdout.readline().strip()
        assert line == "watching", running.communicate()[1]
        say("a browser watches the feed")
        yield painted
    finally:
        running.kill()
        running.wait()
