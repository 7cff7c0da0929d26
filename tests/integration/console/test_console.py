"""The console as a browser meets it: sign-in, feed, acknowledgement, a point's day, and whom it refuses."""

import asyncio

from support.console_city import ConsoleCity, events_of, first
from support.console_client import Client, acknowledge, rows, sign_in, snapshot
from support.programs import PASSWORD


async def refusals(city: ConsoleCity) -> list[tuple[str, str, str]]:
    """Who was refused what, as the audit has it: each as often as it was."""
    query = "SELECT actor, target, reason, times FROM audit WHERE result = 'refused' ORDER BY id"
    return [tuple(row)[:3] for row in await rows(city, query) for _ in range(row["times"])]


async def test_nobody_sees_anything_before_signing_in(client: Client) -> None:
    """Neither feed nor names; every answer says what the browser may do."""
    for path in ("/api/session", "/api/feed", "/api/city", "/api/overview", "/api/stations/a/points/b/day"):
        async with client.get(path) as answer:
            assert (answer.status, (await answer.json())["error"]) == (401, "no_session"), path
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_wrong_password_is_refused_and_noted(client: Client, city: ConsoleCity) -> None:
    """As is an unknown name, in the same words; after five tries nobody is looked at by that name."""
    for name in ("guest", "nobody"):
        status, body = await sign_in(client, city, name, "wrong")
        assert (status, body["error"]) == (401, "wrong_sign_in")
    for _ in range(4):
        await sign_in(client, city, "nobody", "wrong")
    status, body = await sign_in(client, city, "nobody", "wrong")
    assert (status, body["error"]) == (429, "too_many_tries")
    assert body["message"]["zh"] == "尝试次数过多,请五分钟后再试。"
    told = await refusals(city)
    assert ("-", "guest", "wrong_sign_in") in told
    assert told.count(("-", "nobody", "wrong_sign_in")) == 5
    assert ("-", "nobody", "too_many_tries") in told
    assert not any("wrong" in row and PASSWORD in row for row in told)


async def test_the_feed_begins_with_what_is_open(client: Client, city: ConsoleCity) -> None:
    """The same alerts as in the table, and then a heartbeat with the city's time."""
    assert (await sign_in(client, city))[0] == 200
    async with client.get("/api/feed") as answer:
        assert answer.content_type == "text/event-stream"
        events = events_of(answer)
        begun = await first(events, "snapshot")
        beat = await first(events, "heartbeat")
    stored = await rows(city, "SELECT alert_id, seq, severity, state FROM alerts WHERE closed_at IS NULL")
    shown = {(a["alert_id"], a["seq"], a["severity"], a["state"]) for a in begun.data["alerts"]}
    assert shown == {(str(row["alert_id"]), *tuple(row)[1:]) for row in stored}
    assert len(shown) >= 5
    assert beat.data["city_ms"] >= 1_768_302_000_000


async def test_an_acknowledgement_is_seen_by_all(client: Client, city: ConsoleCity) -> None:
    """Within a second, as an event after the cursor; the audit and the table say who."""
    await sign_in(client, city)
    alert = next(a for a in await snapshot(client) if a["severity"] == "critical" and not a["acked"])
    async with client.get("/api/feed") as answer:
        events = events_of(answer)
        await first(events, "snapshot")
        assert await acknowledge(client, alert) == (200, {"result": "applied"})
        async with asyncio.timeout(1):
            told = await first(events, "alert")
    assert (told.data["alert_id"], told.data["acked"], told.data["seq"]) == (
        alert["alert_id"],
        True,
        alert["seq"] + 1,
    )
    status, body = await acknowledge(client, told.data)
    assert (status, body["error"]) == (409, "already_acknowledged")


async def test_who_comes_back_gets_what_was_missed(client: Client, city: ConsoleCity) -> None:
    """By Last-Event-ID, and nothing twice; a cursor of another process gets a new snapshot."""
    await sign_in(client, city)
    async with client.get("/api/feed") as answer:
        begun = await first(events_of(answer), "snapshot")
    alert = next(a for a in begun.data["alerts"] if not a["acked"])
    assert (await acknowledge(client, alert))[0] == 200
    await asyncio.sleep(1)
    async with client.get("/api/feed", headers={"Last-Event-ID": begun.cursor or ""}) as answer:
        events = events_of(answer)
        async for event in events:
            assert event.kind != "snapshot"
            if event.kind == "alert":
                break
    assert (event.data["alert_id"], event.data["acked"]) == (alert["alert_id"], True)
    async with client.get("/api/feed", headers={"Last-Event-ID": "other:1"}) as answer:
        assert (await first(events_of(answer), "snapshot")).data["alerts"]


async def test_a_stale_or_foreign_acknowledgement_changes_nothing(client: Client, city: ConsoleCity) -> None:
    """Refused in words, noted with whoever asked, and the alert stays as it was."""
    await sign_in(client, city)
    alert = next(a for a in await snapshot(client) if not a["acked"] and a["seq"] > 0)
    stale = alert | {"seq": 0}
    for told, changed, refused in (
        (stale, {}, (409, "stale_view")),
        (alert, {"Origin": "http://elsewhere.example"}, (403, "origin")),
        (alert, {"X-CSRF-Token": "another"}, (403, "csrf")),
        (alert | {"alert_id": "strange"}, {}, (404, "unknown_alert")),
    ):
        status, body = await acknowledge(client, told, **changed)
        assert (status, body["error"]) == refused
        assert {"zh", "en"} == set(body["message"])
        assert ("op", "console", refused[1]) in await refusals(city)
    after = next(a for a in await snapshot(client) if a["alert_id"] == alert["alert_id"])
    assert after == alert


async def test_a_viewer_does_not_acknowledge(client: Client, city: ConsoleCity) -> None:
    """But sees the feed."""
    await sign_in(client, city, "guest")
    alert = (await snapshot(client))[0]
    status, body = await acknowledge(client, alert)
    assert (status, body["error"]) == (403, "role")


async def test_a_points_day_has_its_limits(client: Client, city: ConsoleCity) -> None:
    """The minutes of the table, and the limits of its rule in the point's unit."""
    await sign_in(client, city)
    station = "gas-110118001-0008"
    async with client.get(f"/api/stations/{station}/points/ch4_pct_lel/day") as answer:
        day = await answer.json()
    stored = await rows(
        city,
        "SELECT mean FROM aggregates_1m WHERE station_id = $1 AND point = 'ch4_pct_lel' ORDER BY bucket",
        station,
    )
    assert [minute[1] for minute in day["minutes"]] == [row["mean"] for row in stored]
    assert [(one["severity"], one["side"], one["limit"]) for one in day["limits"]] == [
        ("warn", "above", 10.0),
        ("major", "above", 20.0),
        ("critical", "above", 50.0),
    ]
    assert (day["unit"], day["point"]["en"]) == ("%LEL", "methane")


async def test_a_point_that_reports_states_has_their_words(client: Client, city: ConsoleCity) -> None:
    """Instead of limits, which would be figures between them."""
    await sign_in(client, city)
    async with client.get("/api/stations/sewer-110118001-0007/points/cover/day") as answer:
        day = await answer.json()
    assert [(one["value"], one["name"]["en"]) for one in day["states"]] == [(0, "closed"), (1, "open")]
    assert day["limits"] == []
    assert {minute[3] for minute in day["minutes"]} == {0.0, 1.0}


async def test_a_monitor_that_stops_is_told(client: Client, city: ConsoleCity) -> None:
    """Within 20 s of its last word the heartbeat says that nothing is judged; when it is back, it is live."""
    await sign_in(client, city)
    async with client.get("/api/feed") as answer:
        events = events_of(answer)
        async with asyncio.timeout(40):
            while not (await first(events, "heartbeat")).data["live"]:
                pass
        assert city.stop("monitor") == 0
        async with asyncio.timeout(25):
            while (beat := await first(events, "heartbeat")).data["live"]:
                pass
        assert beat.data["reason"]["zh"] == "监测引擎未运行,告警不再更新"
        city.start("monitor")
        async with asyncio.timeout(40):
            while not (await first(events, "heartbeat")).data["live"]:
                pass


async def test_who_signs_out_is_out(client: Client, city: ConsoleCity) -> None:
    """Its feed ends, too; a restart of the console ends all sessions."""
    await sign_in(client, city)
    async with client.get("/api/feed") as answer:
        events = events_of(answer)
        await first(events, "snapshot")
        async with client.delete("/api/session") as ended:
            assert ended.status == 204
        async with asyncio.timeout(10):
            assert (await first(events, "expired")).data == {}
    async with client.get("/api/session") as answer:
        assert answer.status == 401
    await sign_in(client, city)
    assert city.stop("console") == 0
    city.start("console")
    async with client.get("/api/session") as answer:
        assert answer.status == 401
