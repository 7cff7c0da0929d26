"""Thousands of spoilt records end neither recorder nor notifier; good ones among them are stored and told."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from support.mutants import spoilt
from support.notifier_city import caught, process, raised
from support.output_records import BUCKET, MINUTE, Output, Outputs, part
from support.recorder_process import recorder, send, stored_records, until

from schemas.base import Severity
from schemas.outcomes import CommandOutcome
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

pytestmark = [
    pytest.mark.usefixtures("topics", "catcher"),
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.parametrize("seed", [5]),
]
EACH, GOOD_EVERY = 3_000, 150
OUTCOME = CommandOutcome(
    command_id="c", station="s", name="ack", target="a", actor="li", signer="cli", result="applied",
    reason="", at=BUCKET,
)  # fmt: skip


def good(outputs: Outputs, number: int) -> list[Output]:
    """One of each topic, of which something can be told."""
    return [
        outputs.alert(raised(number)),
        outputs.minute(f"good-{number}", BUCKET, {"p": part(1.0)}, 10_000 + number),
        outputs.outcome(replace(OUTCOME, command_id=f"good-{number}"), 3, 10_000 + number),
        outputs.reject(b"{}", offset=10_000 + number, source="good"),
    ]


def bases(outputs: Outputs, number: int) -> list[Output]:
    """One of each topic to be spoilt: what is still read of it tells nobody anything."""
    return [
        outputs.alert(replace(raised(0x7000_0000 + number), severity=Severity.WARN)),
        outputs.minute(f"bad-{number % 50}", BUCKET + number * MINUTE, {"p": part(1.0, 2.0)}, number),
        outputs.outcome(OUTCOME, 3, number),
        outputs.reject(b'{"v": 1}', offset=number),
    ]


async def test_spoilt_records_end_nobody(
    seed: int, settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """Three thousand a topic; both processes go on from first to last, and after them."""
    chance, outputs = Random(seed), Outputs(settings.namespace)
    records: list[Output] = []
    for number in range(EACH):
        records += [spoilt(chance, base) for base in bases(outputs, number)]
        if number % GOOD_EVERY == 0:
            records += good(outputs, number // GOOD_EVERY)
    records += good(outputs, EACH // GOOD_EVERY)
    rounds = EACH // GOOD_EVERY + 1
    with (
        recorder(settings, tmp_path / "recorder.log") as storing,
        process(settings, notifier_log, "notifier", "run") as telling,
    ):
        await send(settings, records)

        async def all_stored() -> bool:
            assert storing.runs, storing.said()[-3_000:]
            return await stored_records(database) == len(records)

        await until(all_stored, within_s=120, what="everything is stored or rejected")

        async def all_told() -> bool:
            assert telling.runs, telling.said()[-3_000:]
            told = "SELECT count(*) FROM outbox WHERE state = 'sent' AND alert_id < '1'"
            return await database.fetchval(told) == 4 * rounds

        await until(all_told, within_s=60, what="all good alerts are told")
        assert len(caught(settings)) >= 4 * rounds
        assert (await storing.stop(), await telling.stop()) == (0, 0)
        assert "Traceback" not in storing.said() + telling.said()
    found = await database.fetchrow(
        "SELECT (SELECT count(*) FROM alerts WHERE alert_id < '1') AS alerts,"
        " (SELECT count(*) FROM aggregates_1m WHERE station_id LIKE 'good-%') AS minutes,"
        " (SELECT count(*) FROM audit WHERE command_id LIKE 'good-%') AS outcomes,"
        " (SELECT count(*) FROM rejects WHERE source = 'good') AS rejects"
    )
    assert found is not None
    assert tuple(found) == (rounds,) * 4
