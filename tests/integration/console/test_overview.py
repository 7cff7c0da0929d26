"""Supervisors are shown what the alerts' own timelines say, and Grafana shows the same."""

import asyncio
import json
import os
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import msgspec
import pytest
from support.console_city import ConsoleCity
from support.console_client import Client, acknowledge, rows, sign_in, snapshot

from schemas.alerts import Alert

ROOT = Path(__file__).parents[3]
BOARD = ROOT / "deploy" / "grafana" / "dashboards" / "city.json"
STATEMENTS = ROOT / "services" / "console" / "sql"
SEVERITIES = ("critical", "major", "warn", "notice")
HOUR_MS = 3_600_000


async def overview(client: Client) -> Any:
    """As the page reads it."""
    async with client.get("/api/overview") as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def stored_alerts(city: ConsoleCity) -> list[Alert]:
    """The last snapshot of each alert, with its timeline."""
    found = await rows(city, "SELECT snapshot::text AS snapshot FROM alerts")
    return [msgspec.json.decode(row["snapshot"], type=Alert) for row in found]


async def acknowledge_major(client: Client, city: ConsoleCity) -> None:
    """All major alerts, so that there are times to tell; returns when they are stored."""
    waiting = [a for a in await snapshot(client) if not a["acked"] and a["severity"] == "major"]
    assert len(waiting) >= 2
    for alert in waiting:
        assert (await acknowledge(client, alert))[0] == 200
    ids = [alert["alert_id"] for alert in waiting]
    async with asyncio.timeout(10):
        query = "SELECT 1 FROM alerts WHERE alert_id = ANY ($1) AND NOT acked"
        while await rows(city, query, ids):  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.1)


def nine_tenths(lengths: list[float]) -> float:
    """The 90th percentile, between its neighbours in proportion."""
    ordered = sorted(lengths)
    place, part = divmod(0.9 * (len(ordered) - 1), 1)
    above = ordered[min(int(place) + 1, len(ordered) - 1)]
    return ordered[int(place)] + part * (above - ordered[int(place)])


async def test_open_alerts_are_those_of_the_feed(client: Client, city: ConsoleCity) -> None:
    """By severity, by system and by town; who has none has a row of zeros."""
    await sign_in(client, city)
    feed = await snapshot(client)
    told = await overview(client)
    assert [row["severity"] for row in told["severities"]] == list(SEVERITIES)
    by_severity = Counter(alert["severity"] for alert in feed)
    assert {row["severity"]: row["open"] for row in told["severities"] if row["open"]} == by_severity
    assert sum(by_severity.values()) >= 5
    waiting = Counter(alert["severity"] for alert in feed if not alert["acked"])
    assert {row["severity"]: row["unacknowledged"] for row in told["severities"]} == {
        severity: waiting[severity] for severity in SEVERITIES
    }
    for rows_, key, places in ((told["systems"], "system", 6), (told["towns"], "town_code", 20)):
        assert len(rows_) == places
        assert all(row["name"]["zh"] and row["name"]["en"] for row in rows_)
        shown = {(row["code"], severity): row[severity] for row in rows_ for severity in SEVERITIES}
        assert {at: n for at, n in shown.items() if n} == Counter((a[key], a["severity"]) for a in feed)
        assert sum(row["unacknowledged"] for row in rows_) == sum(waiting.values())
    assert [row["code"] for row in told["systems"]] == [
        "water", "sewer", "heating", "gas", "lighting", "weather",
    ]  # fmt: skip


async def test_an_alert_of_what_has_left_the_plan_is_counted(city: ConsoleCity) -> None:
    """Its system and town are shown by their codes: sums over places are the sum over severities."""
    connection = await asyncpg.connect(
        os.environ["MIYUN_DATABASE_URL"],
        server_settings={"search_path": f"{city.simulated.namespace},public"},
    )
    change = connection.transaction()
    await change.start()
    try:
        await connection.execute(
            'UPDATE alerts SET snapshot = snapshot || \'{"system": "power", "town_code": "999"}\''
            " WHERE alert_id = ("
            "SELECT alert_id FROM alerts WHERE closed_at IS NULL AND severity = 'critical' LIMIT 1)"
        )
        for name, code, places in (("systems", "power", 7), ("towns", "999", 21)):
            found = await connection.fetch((STATEMENTS / f"overview_{name}.sql").read_text("utf-8"))
            (left,) = (row for row in found if row["code"] == code)
            assert (len(found), left["critical"], left["name_zh"], left["name_en"]) == (places, 1, code, code)
    finally:
        await change.rollback()
        await connection.close()


async def test_the_longest_wait_ends_with_the_acknowledgement(client: Client, city: ConsoleCity) -> None:
    """It runs from the raise of the oldest alert that nobody has acknowledged, by the city's clock."""
    await sign_in(client, city)
    feed, told = await snapshot(client), await overview(client)
    for row in told["severities"]:
        raised = [a["raised_at"] for a in feed if a["severity"] == row["severity"] and not a["acked"]]
        wanted = (told["at"] - min(raised)) / 1000 if raised else None
        assert row["longest_wait_s"] == pytest.approx(wanted)
    assert any(row["longest_wait_s"] for row in told["severities"])


async def test_counts_and_times_are_those_of_the_timelines(client: Client, city: ConsoleCity) -> None:
    """Of the city's day, of each hour, and from raise to first acknowledgement."""
    await sign_in(client, city)
    await acknowledge_major(client, city)
    told = await overview(client)
    alerts = await stored_alerts(city)
    lately = [t for alert in alerts for t in alert.timeline if t.at > told["at"] - 24 * HOUR_MS]
    today = [t for t in lately if t.at >= told["day_began_at"]]
    assert (told["at"] - told["day_began_at"]) // HOUR_MS == 19  # the scene plays at 19:10 local time
    for row in told["day"]:
        of = [t for t in today if t.severity == row["severity"]]
        assert row == {
            "severity": row["severity"],
            "raised": sum(t.reason in ("raised", "reopened") for t in of),
            "escalated": sum(t.reason == "escalated" for t in of),
            "acknowledged": sum(t.reason == "acknowledged" for t in of),
            "closed": sum(t.to_state == "A" != t.from_state for t in of),
        }
    assert all(sum(row[what] for row in told["day"]) for what in ("raised", "escalated", "acknowledged"))

    raised = Counter((t.at // HOUR_MS, t.severity) for t in lately if t.reason in ("raised", "reopened"))
    shown = {(row["hour"] // HOUR_MS, s): row[s] for row in told["hours"] for s in SEVERITIES}
    assert {at: n for at, n in shown.items() if n} == raised
    assert [row["hour"] for row in told["hours"]] == [
        (told["at"] // HOUR_MS - back) * HOUR_MS for back in range(23, -1, -1)
    ]

    for row in told["acknowledgement"]:
        begun = [a for a in alerts if a.timeline[0].severity == row["severity"]]
        after = [
            (min(seen) - alert.timeline[0].detected_at) / 1000
            for alert in begun
            if (seen := [t.detected_at for t in alert.timeline if t.reason == "acknowledged"])
        ]
        assert (row["raised"], row["acknowledged"]) == (len(begun), len(after))
        assert row["median_s"] == (pytest.approx(median(after)) if after else None)
        assert row["p90_s"] == (pytest.approx(nine_tenths(after)) if after else None)
    times = [(row["median_s"], row["p90_s"]) for row in told["acknowledgement"] if row["median_s"]]
    assert any(median_s < p90_s for median_s, p90_s in times), "more than one time, so that they differ"


async def test_coverage_is_what_the_command_says(client: Client, city: ConsoleCity) -> None:
    """Points seen in time by system."""
    await sign_in(client, city)
    told = (await overview(client))["coverage"]
    document = json.loads(await asyncio.to_thread(city.miyun, "coverage", "--by", "system", "--json"))
    assert {(row["code"], row["expected"], row["seen"], row["percent"]) for row in told} == {
        (row["system"], row["expected"], row["seen"], row["percent"]) for row in document["shares"]
    }
    assert sum(row["stations"] for row in told) == 726
    assert sum(row["expected"] for row in told) > 7_000


async def test_the_dashboard_shows_the_same_numbers(client: Client, city: ConsoleCity) -> None:
    """Every panel's query runs and finds what the page is given; none of the lists is left out."""
    await sign_in(client, city)
    told = await overview(client)
    assert told.pop("city_ms") >= told["at"]
    assert told.pop("heartbeat")["live"]
    panels = json.loads(BOARD.read_text("utf-8"))["panels"]
    found: dict[str, Any] = {}
    for panel in panels:
        (target,) = panel["targets"]
        (name,) = (
            file.stem.removeprefix("overview_")
            for file in STATEMENTS.glob("overview_*.sql")
            if file.read_text("utf-8") == target["rawSql"]
        )
        found[name] = [_told(dict(row)) for row in await rows(city, target["rawSql"])]
    (clock,) = found.pop("clock")
    (judged,), (shown,) = found.pop("judged"), told.pop("judged")  # they go on while the test looks
    assert judged.keys() == shown.keys()
    assert (judged["partitions"], judged["waiting"], judged["behind_s"]) == (16, 0, 0)
    assert shown["until"] <= judged["until"] <= told["at"]
    assert shown["said_at"] <= judged["said_at"]
    assert clock == {"at": told.pop("at"), "day_began_at": told.pop("day_began_at")}
    assert found == told


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the interface tells it: times in epoch ms, both names as one."""
    told = {
        name: round(value.timestamp() * 1000) if hasattr(value, "timestamp") else value
        for name, value in row.items()
    }
    if "name_zh" in told:
        told["name"] = {"zh": told.pop("name_zh"), "en": told.pop("name_en")}
    return told
