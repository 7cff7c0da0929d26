"""A bug of ours meets one event: the city loses that event and nothing else."""

import json

from support.engine_log import MINUTE, T0
from support.monitor_city import STATIONS, city_plan, frame, tick
from support.monitor_log import Install, fill, found_city
from support.monitor_process import kind_of

from schemas.headers import header
from schemas.topics import TopicName, partition_of

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


async def test_an_event_that_fails_twice_is_rejected_and_its_station_flagged(install: Install) -> None:
    """The first time the process ends with exit code 1 and is started again; nothing else is lost."""
    installation = install()
    await found_city(installation, city_plan())
    records = [frame(station, minute, 30.0) for minute in (6, 7, 8) for station in (STATION, OTHER)]
    await fill(
        installation, [*records, *(tick(partition_of(name), T0 + 10 * MINUTE) for name in (STATION, OTHER))]
    )
    assert await installation.start(prelude=BUG).ended() == 1

    child = installation.start(prelude=BUG)
    await installation.caught_up()
    assert await child.stop() == 0
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
