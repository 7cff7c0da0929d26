"""First light, from beginning to end: what an operator, a crew and a supervisor see of the opening scene."""

import asyncio
import json
import os
from collections.abc import Iterator

import asyncpg
import pytest
from support.browser import Step, converse, surroundings
from support.live_city import LiveCity, live_city
from support.notifier_city import fetched
from support.overview import as_shown
from support.recorder_process import until

DUTY = "centre-duty@miyun.example"
pytestmark = pytest.mark.timeout(420)


@pytest.fixture
def city(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCity]:
    """The shipped city, live; the page was built before its console started."""
    with live_city(tmp_path_factory.mktemp("live")) as made:
        yield made


def test_first_light(node: str, city: LiveCity) -> None:
    """Five networks' alerts arrive on the open page, and the most urgent is acknowledged by keyboard.

    The crew's mail tells of both, the overview shows what SQL says, and when the monitor is stopped the feed
    says so.
    """
    steps: list[Step] = [
        ("live", lambda: city.miyun("scene", "play", "opening"), "scene"),
        ("acknowledged", lambda: asyncio.run(told_to_the_crew(city)), ""),
        ("overview", lambda: json.dumps(asyncio.run(as_shown(city.namespace))["severities"]), ""),
        ("feed", lambda: city.stop("monitor"), "monitor stopped"),
    ]
    converse(node, "story.mjs", {**surroundings(city.url), "CATCHER_URL": city.catcher}, steps)


async def told_to_the_crew(city: LiveCity) -> str:
    """The id of the alert that was acknowledged, once its raise and its acknowledgement are both caught.

    The city's time stands still from here on.
    """
    city.stop("simulate")
    found: list[str] = []

    async def is_caught() -> bool:
        found[:] = await acknowledged(city.namespace)
        held = fetched(f"{city.catcher}/messages.json")["messages"]
        to_duty = [one["body"] for one in held if one["to"] == DUTY and found and found[0] in one["body"]]
        return len(to_duty) >= 2 and any("操作人:op" in body for body in to_duty)

    await until(is_caught, within_s=20, what="both messages to the duty desk")
    return found[0]


async def acknowledged(namespace: str) -> list[str]:
    """Ids of alerts that ``op`` has acknowledged, as far as they are stored."""
    connection = await asyncpg.connect(
        os.environ["MIYUN_DATABASE_URL"], server_settings={"search_path": f"{namespace},public"}
    )
    try:
        rows = await connection.fetch("SELECT alert_id FROM alerts WHERE acked_by = 'op'")
        return [str(row["alert_id"]) for row in rows]
    finally:
        await connection.close()
