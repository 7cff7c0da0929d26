"""What a browser does at the console's interface, and what the namespace's tables hold meanwhile."""

import os
from typing import Any

import aiohttp
import asyncpg
from support.console_city import ConsoleCity, events_of, first
from support.programs import PASSWORD

Client = aiohttp.ClientSession


async def sign_in(client: Client, city: ConsoleCity, name: str = "op", password: str = PASSWORD) -> Any:
    """Status and body; a later change has the token and the origin with it."""
    body = {"name": name, "password": password}
    async with client.post("/api/session", json=body, headers={"Origin": city.url}) as answer:
        found = await answer.json()
        if answer.status == 200:
            client.headers.update({"Origin": city.url, "X-CSRF-Token": found["csrf"]})
        return answer.status, found


async def snapshot(client: Client) -> list[dict[str, Any]]:
    """The open alerts of the feed."""
    async with client.get("/api/feed") as answer:
        return (await first(events_of(answer), "snapshot")).data["alerts"]


async def acknowledge(client: Client, alert: dict[str, Any], **changed: str) -> tuple[int, dict[str, Any]]:
    """Status and body of an acknowledgement; headers may be others."""
    path = f"/api/alerts/{alert['alert_id']}/acknowledge"
    async with client.post(path, json={"seen_seq": alert["seq"]}, headers=changed) as answer:
        return answer.status, await answer.json()


async def rows(city: ConsoleCity, query: str, *arguments: object) -> list[asyncpg.Record]:
    """Of the namespace's tables."""
    settings = {"search_path": f"{city.simulated.namespace},public"}
    connection = await asyncpg.connect(os.environ["MIYUN_DATABASE_URL"], server_settings=settings)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()
