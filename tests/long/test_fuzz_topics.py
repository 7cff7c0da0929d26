"""Whatever stands on any topic ends no process and blanks no page: 3,000 records on each of the seven.

All programs run before, through and after it, and start once more over it. What is right is judged, shown,
told and acknowledged as ever; each record that is no one's is refused with its place.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from aiokafka import ConsumerRecord
from support.console_city import events_of, first
from support.console_client import acknowledge, sign_in
from support.engine_log import MINUTE, T0
from support.fuzzed_topics import Standing, Surroundings, bases, fuzzed, of, send_fuzzed
from support.monitor_city import STATIONS, Sent, frame
from support.monitor_log import fill, found_city, publish
from support.monitor_process import Installation
from support.notifier_city import caught, fetched
from support.programs import miyun
from support.recorder_process import until
from support.whole_city import WholeCity, new_city, plan_with_keys, whole_settings

from schemas.headers import header
from schemas.plan import plan_bytes, plan_id
from schemas.topics import EVENT_PARTITIONS, TopicName
from services.runtime.records.authenticity import Signer, ensure_output_key

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
RECORDS, SEED = 3_000, 110118
ORDER = (
    *(TopicName.EVENTS, TopicName.PLANS, TopicName.MONITOR_STATE, TopicName.ALERTS),
    *(TopicName.OUTCOMES, TopicName.AGGREGATES, TopicName.REJECTS),
)
DANGERS, SPOILT = STATIONS[: 2 * len(ORDER)], STATIONS[2 * len(ORDER) :]
CRITICAL, CALM = 60.0, 1.0
MESSAGES = 4
"""Of each call: two people, two channels."""
STORED = frozenset(TopicName) - {TopicName.EVENTS, TopicName.MONITOR_STATE}
"""Topics whose refused records the recorder keeps itself."""


def now_frame(station: str, ch4: float, *, ago_min: int = 1) -> Sent:
    """A frame of a minute that has just passed."""
    return frame(station, (int(time.time() * 1000) - T0) // MINUTE - ago_min, ch4)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeCity]:
    """All programs at work on a plan; on each topic stand records of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    settings = whole_settings(folder, clock="wall", tick_every_s=1.0)
    made = new_city(folder, settings)
    try:
        asyncio.run(_found(made, folder))
        made.start_all()
        made.start_tail()
        asyncio.run(_furnish(made))
        yield made
    finally:
        made.end()


async def _found(city: WholeCity, folder: Path) -> None:
    installation = Installation(city.settings, folder)
    await found_city(installation, plan_with_keys(city.settings.keys_dir))


async def _furnish(city: WholeCity) -> None:
    """An alert, acknowledged; minutes; something refused."""
    installation = Installation(city.settings, city.folder)
    await publish(installation, plan_with_keys(city.settings.keys_dir), at=int(time.time() * 1000))
    records = [now_frame(station, CALM, ago_min=ago) for station in SPOILT for ago in (3, 2)]
    await fill(installation, [*records, now_frame(SPOILT[0], CRITICAL), now_frame("stranger", CRITICAL)])
    await _until(city, "SELECT count(*) > 0 FROM aggregates_1m", "minutes are stored")
    await _until(city, "SELECT count(*) > 0 FROM rejects", "the stranger is refused")
    await _acknowledged(city, SPOILT[0])


async def _until(city: WholeCity, question: str, what: str, *arguments: object) -> None:
    async def is_true() -> bool:
        ended = city.ended()
        assert ended == {}, ended
        return bool(await city.ask(question, *arguments))

    await until(is_true, within_s=60, what=what)


async def _acknowledged(city: WholeCity, station: str) -> str:
    """The station's alert, once it is in the table, on the page and in mail, and acknowledged there."""
    open_ones = "FROM alerts_now WHERE station_id = $1 AND closed_at IS NULL"
    await _until(city, f"SELECT count(*) = 1 {open_ones}", f"{station} is in danger", station)
    alert_id: str = await city.ask(f"SELECT alert_id {open_ones}", station)
    messages = "SELECT count(*) = $3 FROM outbox WHERE alert_id = $1 AND kind = $2 AND state = 'sent'"
    await _until(city, messages, "all are called", alert_id, "raised", MESSAGES)
    async with city.client() as client:
        assert (await sign_in(client, city))[0] == 200  # type: ignore[arg-type]

        async def is_shown() -> bool:
            return alert_id in await city.shown()

        await until(is_shown, within_s=60, what="the page shows it")
        status, told = await acknowledge(client, (await city.shown())[alert_id])
    assert status == 200, told
    await _until(city, "SELECT acked FROM alerts_now WHERE alert_id = $1", "it is acknowledged", alert_id)
    await _until(city, messages, "all hear of it", alert_id, "acknowledged", MESSAGES)
    await city.programs["tail"].until(alert_id)
    return alert_id


async def in_danger(city: WholeCity, station: str) -> str:
    """Methane at a station: its alert takes all of its way."""
    before = len(caught(city.settings))
    await fill(Installation(city.settings, city.folder), [now_frame(station, CRITICAL)])
    alert_id = await _acknowledged(city, station)
    assert len(caught(city.settings)) >= min(before + 2 * MESSAGES, 2_000)
    return alert_id


async def drained(city: WholeCity) -> None:
    """All is judged, stored, decided on by the notifier, and read by the console; all are ready.

    A minute in which most records are refused is one in which the monitor says so.
    """
    done = await asyncio.to_thread(miyun, "drain", "--timeout", "120", environment=city.environment)
    assert done.returncode == 0, done.stdout + done.stderr + str(city.ended())
    notifier = f"http://127.0.0.1:{city.settings.notifier_port}/readyz"

    def are_ready() -> bool:
        return city.readiness() == {} and (fetched(notifier) or {}).get("lag") == 0

    await until(are_ready, within_s=40, what=f"all are ready: {city.readiness()}")


async def page_is_right(city: WholeCity, alerts: set[str]) -> None:
    """The page is live, its overview is there, and so are these alerts; ``miyun status`` finds all well."""
    assert alerts <= (await city.shown()).keys()
    async with city.client() as client:
        assert (await sign_in(client, city))[0] == 200  # type: ignore[arg-type]
        async with client.get("/api/overview") as answer:
            assert answer.status == 200, await answer.text()
        async with client.get("/api/feed") as answer:
            events = events_of(answer)
            async with asyncio.timeout(60):
                while not (beat := await first(events, "heartbeat")).data["live"]:
                    pass
            assert beat.data["reason"] is None
    done = await asyncio.to_thread(miyun, "status", environment=city.environment)
    assert done.returncode == 0, done.stdout + done.stderr


async def refused_places(city: WholeCity, topic: TopicName) -> set[tuple[int, int]]:
    """Where the refused records stand, as it is kept of each."""
    if topic in STORED:
        rows = await city.rows('SELECT partition, "offset", reason FROM rejects WHERE topic = $1', topic)
        return {(row["partition"], row["offset"]) for row in rows if row["reason"]}
    told = [r for r in await city.written(TopicName.REJECTS) if header(r.headers, "topic") == topic]
    return {_place(record) for record in told if header(record.headers, "reason")}


def _place(record: ConsumerRecord) -> tuple[int, int]:
    return tuple(int(header(record.headers, name) or -1) for name in ("partition", "offset"))  # type: ignore[return-value]


async def write_fuzz(city: WholeCity, topic: TopicName) -> Standing:
    """Three thousand records, made of those that stand there."""
    spared = () if topic is TopicName.PLANS else DANGERS
    given = bases(await city.written(topic), spared)
    elsewhere = [await city.written(name) for name in TopicName if name is not topic]
    others = [of(record) for records in elsewhere for record in records[-20:] if record.value is not None]
    by = Surroundings(
        chance=Random(f"{SEED}:{topic}"),
        namespace=city.settings.namespace,
        signer=Signer(ensure_output_key(city.settings.keys_dir)),
        others=others,
        keys=[station.encode() for station in SPOILT],
    )
    records = [record for _, record in fuzzed(given, RECORDS, by)]
    odd = given[-1]
    return await send_fuzzed(city.settings, records, replace(odd, value=odd.value and odd.value[:4_096]))


@pytest.mark.parametrize("topic", ORDER)
async def test_whatever_stands_on_a_topic_costs_nothing_but_itself(city: WholeCity, topic: TopicName) -> None:
    """Alerts behind it are judged, stored, shown, told and acknowledged, before and after a restart."""
    number = ORDER.index(topic)
    sent = await write_fuzz(city, topic)
    alerts = {await in_danger(city, DANGERS[2 * number])}
    await drained(city)
    found = await refused_places(city, topic)
    if topic is not TopicName.MONITOR_STATE:
        assert sent.refused <= found, sorted(sent.refused - found)[:10]
    assert not sent.aborted & found
    await asyncio.to_thread(city.restart_all)
    alerts.add(await in_danger(city, DANGERS[2 * number + 1]))
    await drained(city)
    await page_is_right(city, alerts)
    if topic is TopicName.MONITOR_STATE:
        page = fetched(f"http://127.0.0.1:{city.settings.monitor_port}/readyz")
        assert page["unreadable"][topic] >= len(sent.refused) > RECORDS // 2
        assert page["stations"] == len(STATIONS) + EVENT_PARTITIONS, "each where it stands, and nowhere else"
    if topic is TopicName.PLANS:
        await another_plan_takes_over(city)
    assert city.ended() == {}
    assert city.failures() == {}


async def another_plan_takes_over(city: WholeCity) -> None:
    """Published behind all that, it is what all partitions judge by."""
    plan = plan_with_keys(city.settings.keys_dir)
    other = replace(plan, keys=tuple(replace(key, valid_from=T0) for key in plan.keys))
    await publish(Installation(city.settings, city.folder), other, at=int(time.time() * 1000))
    judging = "SELECT count(*) = $2 FROM plan_activations WHERE plan_id = $1"
    await _until(city, judging, "it judges all partitions", plan_id(plan_bytes(other)), EVENT_PARTITIONS)
