"""A checkpoint meets a log that it was not made of, or one that has lost its beginning."""

import json

from aiokafka import TopicPartition
from support.engine_log import MINUTE, T0
from support.monitor_city import STATIONS, city_plan, frame, history, tick
from support.monitor_log import Install, fill, found_city, publish
from support.monitor_process import Installation, kind_of
from support.stream_contract import (
    adoption_is_refused_while_a_worker_runs,
    another_log_is_refused_until_it_is_adopted,
    judged,
    lose_beginning,
)

from schemas.headers import header
from schemas.topics import TopicName, partition_of
from services.runtime.kafka import ensure_namespace

STATION = STATIONS[0]
HOME = partition_of(STATION)


async def findings(installation: Installation, kind: str) -> list[dict[str, object]]:
    """What loads have found, of this kind."""
    bodies = [
        json.loads(record.value or b"{}")
        for record in await installation.written((TopicName.OUTCOMES,))
        if kind_of(record) == "finding"
    ]
    return [body for body in bodies if body["kind"] == kind]


async def test_a_recreated_topic_is_refused_until_it_is_adopted(install: Install) -> None:
    """Otherwise everything in it below the old offsets would be skipped without a word."""
    installation = install()
    await found_city(installation, city_plan())
    await fill(installation, history(3))
    await judged(installation)
    assert len(await findings(installation, "new_partition")) == 16

    async def refill() -> None:
        await found_city(installation, city_plan())
        await fill(installation, history(6))

    before = await another_log_is_refused_until_it_is_adopted(installation, refill, partitions=16)
    refused = installation.children[-3].said()
    assert "events partition 0: expected epoch" in refused
    assert "miyun monitor adopt" in refused
    told = {header(record.headers, "epoch") for record in await installation.written(since=before)}
    assert told == {await ensure_namespace(installation.settings)}


async def test_adoption_is_refused_while_a_monitor_runs(install: Install) -> None:
    """It would write its checkpoint over the tombstones."""
    installation = install()
    await found_city(installation, city_plan())
    await adoption_is_refused_while_a_worker_runs(installation)


async def test_a_log_that_lost_its_beginning_goes_on_with_a_finding(install: Install) -> None:
    """The gap is named; alerts that were active are held at the next tick until data come again."""
    installation = install()
    await found_city(installation, city_plan())
    await fill(installation, [frame(STATION, 0, 30.0)])
    await judged(installation)

    lost = [frame(STATION, minute, 1.0) for minute in (1, 2, 3)]
    await fill(installation, [*lost, *[tick(HOME, T0 + 5 * MINUTE)] * 3, frame(STATION, 5, 30.0)])
    ends = await installation.ends((TopicName.EVENTS,))
    place = TopicPartition(TopicName.EVENTS.within(installation.settings.namespace), HOME)
    await lose_beginning(installation, place, ends[place] - 4)
    await judged(installation)

    (gap,) = await findings(installation, "input_gap")
    assert (gap["partition"], gap["offset"]) == (HOME, ends[place] - 4)
    assert "3 records" in str(gap["detail"])
    alerts = [
        json.loads(record.value or b"{}")
        for record in await installation.written((TopicName.ALERTS,))
        if kind_of(record) == "alert"
    ]
    assert [alert["timeline"][-1]["reason"] for alert in alerts] == ["raised", "held", "resumed"]


async def test_a_plan_survives_a_restart_and_another_one_takes_over(install: Install) -> None:
    """The checkpoint names the plan, which is read again from its topic."""
    installation = install()
    await found_city(installation, city_plan())
    await fill(installation, [frame(STATION, 0, 30.0)])
    await judged(installation)
    await publish(installation, city_plan(limit=35.0), at=T0 + MINUTE)
    await fill(installation, [frame(STATION, 2, 30.0)])
    await judged(installation)
    reasons = [
        json.loads(record.value or b"{}")["timeline"][-1]["reason"]
        for record in await installation.written((TopicName.ALERTS,))
        if kind_of(record) == "alert"
    ]
    assert reasons == ["raised", "rule_changed"]
    activated = [
        r for r in await installation.written((TopicName.OUTCOMES,)) if kind_of(r) == "plan_activated"
    ]
    assert len(activated) == 32
