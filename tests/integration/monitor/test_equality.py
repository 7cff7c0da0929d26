"""However often the monitor is killed or handed over, the city is told the same."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from support.monitor_log import Filled
from support.monitor_process import LOADED, Ends, Installation, distinct, kind_of

from schemas.headers import header
from schemas.topics import TopicName

pytestmark = pytest.mark.timeout(240)

Told = dict[tuple[str, str], tuple[object, ...]]


async def told_since(installation: Installation, since: Ends | None) -> tuple[Told, int]:
    """What the city was told about its stations, once each, and how often a record came again.

    Censuses and findings tell of loads, so they differ by intent.
    """
    records = [r for r in await installation.written(since=since) if not is_about_loads(r)]
    told = distinct(records)
    return told, len(records) - len(told)


def is_about_loads(record: ConsumerRecord) -> bool:
    """Records that a load causes, not the log."""
    return kind_of(record) in ("census", "finding")


async def undisturbed(installation: Installation) -> Told:
    """One worker, from the start to the end of the log."""
    child = installation.start()
    await installation.caught_up()
    assert await child.stop() == 0
    told, repeated = await told_since(installation, None)
    assert repeated == 0
    return told


async def killed(installation: Installation, times: int) -> int:
    """Kill workers in the midst of the log, then let one come to its end. How often one was killed there."""
    in_the_midst = 0
    for number in range(times):
        child = installation.start()
        await child.until(LOADED)
        await asyncio.sleep(0.5 + 0.3 * number)
        in_the_midst += child.runs
        await child.kill()
    child = installation.start()
    await installation.caught_up()
    assert await child.stop() == 0
    return in_the_midst


async def handed_over(installation: Installation) -> None:
    """One worker, then two, then one."""
    first = installation.start()
    await first.until(LOADED)
    second = installation.start()
    await second.until(LOADED)
    await asyncio.sleep(0.5)
    assert await first.stop() == 0
    await installation.caught_up()
    assert await second.stop() == 0


async def anew(installation: Installation) -> Ends:
    """Forget the checkpoints, so that the same log is read again; where the outputs end by now."""
    adopted = await asyncio.to_thread(installation.adopt, "--all", "--yes")
    assert adopted.returncode == 0, adopted.stderr
    return await installation.ends()


async def test_kills_and_handovers_change_nothing_that_is_told(filled: Filled) -> None:
    """Three readings of one log: undisturbed, killed thrice, handed over twice. The records are equal by id,
    byte for byte, whatever came twice.
    """
    installation = filled.installation
    expected = await undisturbed(installation)
    kinds = Counter(topic.partition(".")[2] for topic, _ in expected)
    assert min(kinds[topic] for topic in ("alerts", "aggregates", "outcomes", "rejects")) > 10, kinds

    before = await anew(installation)
    assert await killed(installation, 3) == 3
    told, repeated = await told_since(installation, before)
    assert told == expected
    assert repeated > 0, "no kill lay between an effect and its checkpoint: the test proved nothing"

    before = await anew(installation)
    await handed_over(installation)
    told, _ = await told_since(installation, before)
    assert told == expected


async def test_hostile_records_are_rejected_with_reasons_and_the_rest_goes_on(filled: Filled) -> None:
    """Each reject carries the original bytes and where it stood; every good frame was aggregated."""
    installation = filled.installation
    await caught_up_once(installation)
    rejects = {
        (header(r.headers, "partition"), header(r.headers, "offset")): r
        for r in await installation.written((TopicName.REJECTS,))
    }
    by_reason = Counter(header(r.headers, "reason") for r in rejects.values())
    assert by_reason == {reason.value: times for reason, times in filled.hostile.items()}
    originals = {
        (str(r.partition), str(r.offset)): r.value for r in await installation.written((TopicName.EVENTS,))
    }
    assert all(originals[place] == reject.value for place, reject in rejects.items())


def body(record: ConsumerRecord) -> dict[str, Any]:
    """The record's JSON."""
    parsed: dict[str, Any] = json.loads(record.value or b"{}")
    return parsed


async def caught_up_once(installation: Installation) -> None:
    """Judge the log to its end, if no test before has done so."""
    child = installation.start()
    await child.until(LOADED)
    await installation.caught_up()
    assert await child.stop() == 0


async def test_a_census_names_all_open_alerts_after_each_load(filled: Filled) -> None:
    """The alerts that storage may still hold open; storage closes any other of that partition."""
    installation = filled.installation
    await caught_up_once(installation)
    before = await installation.ends()
    await caught_up_once(installation)
    records = await installation.written((TopicName.ALERTS,))
    new = await installation.written((TopicName.ALERTS,), since=before)
    censuses = [body(r) for r in new if kind_of(r) == "census"]
    assert sorted(census["partition"] for census in censuses) == list(range(16))
    alerts = sorted((body(r) for r in records if kind_of(r) == "alert"), key=lambda alert: alert["seq"])
    latest = {alert["alert_id"]: alert for alert in alerts}
    still_open = {id_ for id_, alert in latest.items() if alert["closed_at"] is None}
    assert still_open
    assert {id_ for census in censuses for id_ in census["open_alerts"]} == still_open
