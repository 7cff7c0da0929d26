"""A monitor under clock=wall: it ticks, says how it is, and how it is not."""

import asyncio
import json
from dataclasses import replace
from time import monotonic, time
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from support.monitor_city import STATIONS, city_plan, frame
from support.monitor_log import Install, fill, publish
from support.monitor_process import Installation, kind_of
from support.programs import Program, deadline_in, free_port

from schemas.topics import TopicName, control_key
from services.runtime.kafka import ensure_namespace


def asked(port: int, path: str) -> tuple[int, str]:
    """Status and body; 0 when nobody listens yet."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except URLError:
        return 0, ""


async def until_ready(port: int, status: int, within_s: float = 20.0) -> dict[str, object]:
    """Wait until /readyz answers so."""
    deadline = deadline_in(within_s)
    found = (0, "")
    while monotonic() < deadline:
        found = await asyncio.to_thread(asked, port, "/readyz")
        if found[0] == status:
            body: dict[str, object] = json.loads(found[1])
            return body
        await asyncio.sleep(0.2)
    raise AssertionError(f"/readyz never said {status}, but {found}")


async def walled(install: Install, port: int) -> tuple[Installation, Program]:
    """A new installation under clock=wall with a running monitor."""
    installation = install()
    changes = {"clock": "wall", "monitor_port": port, "tick_every_s": 0.5}
    installation.settings = installation.settings.model_copy(update=changes)
    await ensure_namespace(installation.settings)
    await publish(installation, city_plan(), at=int(time() * 1000))
    return installation, installation.start()


async def test_under_clock_wall_the_monitor_ticks_and_tells_how_it_is(install: Install) -> None:
    """Each partition gets ticks; /readyz is 503 before the load and 200 after; a bad minute degrades it."""
    port = free_port()
    installation, child = await walled(install, port)
    body = await until_ready(port, 200)
    assert body["partitions"] == list(range(16))
    assert (await asyncio.to_thread(asked, port, "/livez"))[0] == 200

    broken = replace(frame(STATIONS[0], 0, 1.0), value=b"{")
    await fill(installation, [broken] * 30)
    degraded = await until_ready(port, 503, within_s=75.0)
    assert degraded["reasons"] == ["reject_share"]

    status, text = await asyncio.to_thread(asked, port, "/metrics")
    assert status == 200
    assert 'miyun_monitor_rejects_total{reason="not_json"} 30.0' in text
    assert await child.stop() == 0

    ticks = [r for r in await installation.written((TopicName.EVENTS,)) if kind_of(r) == "tick"]
    assert {record.partition for record in ticks} == set(range(16))
    assert all(record.key == control_key(record.partition).encode() for record in ticks)
    alerts = [
        json.loads(record.value or b"{}")
        for record in await installation.written((TopicName.ALERTS,))
        if kind_of(record) == "alert"
    ]
    assert {alert["rule_id"] for alert in alerts} == {"monitor.reject_share"}
    assert alerts[0]["nature"] == "real"
