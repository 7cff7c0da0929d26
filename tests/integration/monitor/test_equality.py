"""However often the monitor is killed or handed over, the city is told the same."""

import json
from collections import Counter
from typing import Any

from aiokafka import ConsumerRecord
from support.monitor_log import Filled
from support.monitor_process import kind_of
from support.stream_contract import judged, kills_and_handovers_change_nothing

from schemas.headers import header
from schemas.topics import TopicName


async def test_kills_and_handovers_change_nothing_that_is_told(filled: Filled) -> None:
    """Of all kinds of records, byte for byte."""
    told = await kills_and_handovers_change_nothing(filled.installation)
    kinds = Counter(topic.partition(".")[2] for topic, _ in told)
    assert min(kinds[topic] for topic in ("alerts", "aggregates", "outcomes", "rejects")) > 10, kinds


async def test_hostile_records_are_rejected_with_reasons_and_the_rest_goes_on(filled: Filled) -> None:
    """Each reject carries the original bytes and where it stood; every good frame was aggregated."""
    installation = filled.installation
    await judged(installation)
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


async def test_a_census_names_all_open_alerts_after_each_load(filled: Filled) -> None:
    """The alerts that storage may still hold open; storage closes any other of that partition."""
    installation = filled.installation
    await judged(installation)
    before = await installation.ends()
    await judged(installation)
    records = await installation.written((TopicName.ALERTS,))
    new = await installation.written((TopicName.ALERTS,), since=before)
    censuses = [body(r) for r in new if kind_of(r) == "census"]
    assert sorted(census["partition"] for census in censuses) == list(range(16))
    alerts = sorted((body(r) for r in records if kind_of(r) == "alert"), key=lambda alert: alert["seq"])
    latest = {alert["alert_id"]: alert for alert in alerts}
    still_open = {id_ for id_, alert in latest.items() if alert["closed_at"] is None}
    assert still_open
    assert {id_ for census in censuses for id_ in census["open_alerts"]} == still_open
