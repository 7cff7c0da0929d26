"""How soon the notifier makes the first attempt to deliver an alert that the monitor decides on."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from bench.alerting import READY_WITHIN_S, Alerting, alerting
from bench.children import Child, catcher, notifier
from bench.table import ROOT, Table, spread
from support.programs import free_port

from services.runtime.postgres import connect
from services.runtime.settings import Settings

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

ONE_BY_ONE, AT_ONCE = "MIYUN_BENCH_ALERTS", "MIYUN_BENCH_ALERTS_AT_ONCE"
EVERY_S = 0.3
PEOPLE = ROOT / "deploy" / "people"
MESSAGES = 5
"""Of each alert, by the shipped people and routes: the centre's and the operator's duty desk by mail and
webhook, the liaison by mail."""
DELIVERED_WITHIN_S = 60.0
FIRST_ATTEMPTS = """
SELECT alert_id, round(extract(EPOCH FROM at) * 1000)::bigint AS at_ms, result
FROM delivery_attempts
WHERE attempt = 1
"""


@dataclass(frozen=True, slots=True)
class First:
    """The first attempt to deliver a message. ``late_ms``: after the broker took the alert's record."""

    alert_id: str
    late_ms: int
    result: str


def test_alerts_one_by_one(tmp_path: Path, table: Table) -> None:
    """Every message is delivered."""
    number = int(os.environ.get(ONE_BY_ONE, "200"))
    firsts = told(tmp_path, number, lambda city: city.one_by_one(number, EVERY_S))
    add(table, "one by one", firsts, f"{number} alerts, one in {EVERY_S:g} s on average")


def test_alerts_at_once(tmp_path: Path, table: Table) -> None:
    """Every message is delivered."""
    number = int(os.environ.get(AT_ONCE, "100"))
    firsts = told(tmp_path, number, lambda city: city.at_once(number))
    add(table, "at once", firsts, f"{number} alerts")


def told(folder: Path, number: int, act: Callable[[Alerting], object]) -> list[First]:
    """Raise so many alerts while a notifier and a catcher run: the first attempts, one for each message."""
    with alerting(folder) as city:
        ports = {"catcher_smtp_port": free_port(), "people_dir": PEOPLE}
        settings = city.settings.model_copy(update=ports)
        with catcher(settings, folder) as caught:
            settings = settings.model_copy(update={"catcher_port": caught.port})
            with notifier(settings, folder) as child:
                for each in (caught, child):
                    each.until(each.is_ready, READY_WITHIN_S, "ready")
                act(city)
                firsts = delivered(settings, child, number * MESSAGES, city)
                child.stop()
            caught.stop()
    assert len(firsts) == number * MESSAGES
    assert len({first.alert_id for first in firsts}) == number
    assert {first.result for first in firsts} == {"delivered"}
    return firsts


def delivered(settings: Settings, child: Child, messages: int, city: Alerting) -> list[First]:
    """The first attempts, once all messages are delivered."""

    def ended() -> bool:
        return len([one for one in asyncio.run(attempts(settings)) if one[2] != "begun"]) >= messages

    child.until(ended, DELIVERED_WITHIN_S, f"{messages} messages delivered")
    appended = city.appended_ms()
    return [
        First(alert, at_ms - appended[alert], result)
        for alert, at_ms, result in asyncio.run(attempts(settings))
    ]


async def attempts(settings: Settings) -> list[tuple[str, int, str]]:
    """Alert, moment (epoch ms) and result of each first attempt."""
    connection = await connect(settings)
    try:
        return [tuple(row) for row in await connection.fetch(FIRST_ATTEMPTS)]
    finally:
        await connection.close()


def add(table: Table, pace: str, firsts: list[First], how: str) -> None:
    """Two rows: until anybody is told of an alert, and until everybody who hears of it is."""
    earliest: dict[str, int] = {}
    for first in firsts:
        earliest[first.alert_id] = min(first.late_ms, earliest.get(first.alert_id, first.late_ms))
    table.add("told", f"decision to first attempt, {pace}", spread(earliest.values()), how)
    every = f"{len(firsts)} messages, {MESSAGES} of each alert"
    late = spread(first.late_ms for first in firsts)
    table.add("told", f"decision to each message's first attempt, {pace}", late, every)
