"""A bug of ours costs the city one event and nothing else; what is out of reach for a while costs nothing."""

import json

from support.engine_log import MINUTE, T0
from support.monitor_city import STATIONS, city_plan, frame, tick
from support.monitor_log import Install, fill, found_city
from support.monitor_process import LOADED, kind_of

from schemas.headers import header
from schemas.topics import EVENT_PARTITIONS, TopicName, partition_of

STATION, OTHER = STATIONS[0], STATIONS[1]
BUG = f"""
from services.rules import engine
real = engine.step
def step(state, event, cause, plan):
    if state.station == "{STATION}" and getattr(event, "seq", None) == 7:
        raise ZeroDivisionError("a bug of ours")
    return real(state, event, cause, plan)
engine.step = step
"""
"""An engine that fails on one frame, in a process of its own."""
AWAY = """
from services.plans.publish import store
load, tries = store.load_plan, []
async def load_plan(*arguments, **options):
    tries.append(1)
    if len(tries) < 3:
        raise TimeoutError
    return await load(*arguments, **options)
store.load_plan = load_plan
"""
"""The topic of plans cannot be read for a while."""


async def test_an_event_that_fails_is_rejected_and_its_station_flagged(install: Install) -> None:
    """At once and for good: the process goes on, nothing else is lost, nothing is noted on the disk."""
    installation = install()
    notes = installation.settings.state_dir / installation.settings.namespace
    notes.mkdir(parents=True)
    old = notes / f"failure-{partition_of(STATION)}.json"
    old.write_text('{"epoch": "e", "offset": 3, "skipped_stations": []}')
    await found_city(installation, city_plan())
    records = [frame(station, minute, 30.0) for minute in (6, 7, 8) for station in (STATION, OTHER)]
    ticks = [tick(partition_of(name), T0 + 9 * MINUTE + 40_000) for name in (STATION, OTHER)]
    await fill(installation, [*records, *ticks * 3])
    child = installation.start(prelude=BUG)
    await installation.caught_up()
    assert await child.stop() == 0
    assert not list(notes.glob("failure-*"))
    (reject,) = await installation.written((TopicName.REJECTS,))
    assert header(reject.headers, "reason") == "engine_failure"
    assert reject.value == records[2].value
    outcomes = [
        json.loads(record.value or b"{}")
        for record in await installation.written((TopicName.OUTCOMES,))
        if kind_of(record) == "finding"
    ]
    (failure,) = [body for body in outcomes if body["kind"] == "engine_failure"]
    assert failure["station"] == STATION
    minutes = {
        (body["station"], (body["bucket"] - T0) // MINUTE)
        for body in map(json.loads, [r.value for r in await installation.written((TopicName.AGGREGATES,))])
    }
    expected = {(STATION, 6), (STATION, 8), (OTHER, 6), (OTHER, 7), (OTHER, 8)}
    assert {place for place in minutes if place[0] in (STATION, OTHER)} == expected


async def test_a_plan_that_cannot_be_looked_up_is_asked_for_again(install: Install) -> None:
    """Time-outs of the broker refuse no plan event: each partition is judged by the plan."""
    installation = install()
    await found_city(installation, city_plan())
    child = installation.start(prelude=AWAY)
    await child.until(LOADED)
    await installation.caught_up()
    assert await child.stop() == 0
    assert "monitor: out of reach, tried again" in child.said()
    assert await installation.written((TopicName.REJECTS,)) == []
    kinds = [kind_of(record) for record in await installation.written((TopicName.OUTCOMES,))]
    assert kinds.count("plan_activated") == EVENT_PARTITIONS
