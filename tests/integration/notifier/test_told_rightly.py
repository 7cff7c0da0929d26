"""Nobody is told wrongly for technical reasons: servers away, processes that overlap, clocks that step."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from support.notifier_city import (
    acknowledged,
    caught,
    changed,
    cleared,
    process,
    raised,
    returned,
    until_ready,
)
from support.outbox import DONE, fates, until_done, until_true
from support.output_records import Outputs
from support.programs import environment_of, miyun
from support.recorder_process import send, until

from schemas.alerts import TransitionReason
from services.notifier import outbox
from services.notifier.dispatch import Backoff, Gatherings
from services.notifier.message import DeliveryReport, Message, Result
from services.runtime.postgres import Connection, Pool, pool
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics")

TRIED_LONG = "SELECT coalesce(max(attempts), 0) >= 3 FROM outbox"
BAD_MESSAGES = """
INSERT INTO outbox (
    alert_id, seq, recipient, channel, kind, severity, nature, language, subject, body, headline, at,
    heard_at, queued_at, due_at
)
SELECT
    'bad', 1, 'lee', channel, 'raised', 'critical', 'simulated', 'en', E'a\\nb: c\\n\\nd', 'x', $1, t, t, t, t
FROM (VALUES (clock_timestamp())) AS now (t), unnest(ARRAY['mail', 'spell']) AS c (channel)
"""
STEPPING = """
import datetime, pathlib
real = datetime.datetime
class Stepping(real):
    @classmethod
    def now(cls, tz=None):
        return real.now(tz) + datetime.timedelta(seconds=float(pathlib.Path({file!r}).read_text()))
import services.notifier.outbox, services.notifier.intake, services.notifier.sender
for module in (services.notifier.outbox, services.notifier.intake, services.notifier.sender):
    if hasattr(module, "datetime"):
        module.datetime = Stepping
"""


async def test_active_alert_is_told_however_long_the_servers_were_away(
    settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """The call of the one that escalated goes in its newest form; nothing is given up."""
    hurried = settings.model_copy(update={"deliver_within_s": 0.5})
    outputs = Outputs(settings.namespace)
    steady, worse = raised(1), raised(2)
    with process(hurried, notifier_log, "notifier", "run"):
        await send(settings, [outputs.alert(steady), outputs.alert(worse)])
        await send(settings, [outputs.alert(changed(worse, TransitionReason.ESCALATED))])
        await until_true(database, TRIED_LONG, "it was tried for longer than that")
        with process(settings, tmp_path / "catcher", "catcher", "run"):
            await until(lambda: len(caught(settings)) == 8, within_s=60, what="a call of each")
            await until_true(database, DONE, "all is noted")
    assert await fates(database, steady) == {("raised", "sent", ""): 4}
    assert await fates(database, worse) == {
        ("raised", "dropped", "overtaken"): 4,
        ("escalated", "sent", ""): 4,
    }


async def test_what_ended_meanwhile_is_never_sent_as_if_it_burned(
    settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """Nothing of what is over and seen to; of what nobody has acknowledged one message, which says so."""
    outputs = Outputs(settings.namespace)
    seen, unseen, ended = raised(1), raised(2), raised(3)
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [outputs.alert(one) for one in (seen, unseen, ended)])
        await until_true(database, "SELECT max(attempts) >= 1 FROM outbox", "it was tried")
        await send(settings, [outputs.alert(acknowledged(seen)), outputs.alert(cleared(acknowledged(seen)))])
        await send(settings, [outputs.alert(returned(unseen))])
        await send(settings, [outputs.alert(changed(ended, TransitionReason.RULE_REMOVED))])
        with process(settings, tmp_path / "catcher", "catcher", "run"):
            await until_true(
                database,
                "SELECT count(*) = 28 AND bool_and(state IN ('sent', 'dropped')) FROM outbox",
                "all is decided",
            )
            messages = caught(settings)
            shown = await asyncio.to_thread(
                miyun, "deliveries", "--failed", "--lang", "en", environment=environment_of(settings)
            )
    assert {message["subject"].rpartition("]")[2].strip() for message in messages} == {
        "曾告警，已恢复，未确认:鼓楼 甲烷 32",
        "was active, is over, not acknowledged: Gulou: methane 32",
    }
    assert len(messages) == 4
    assert await fates(database, seen) == {
        ("raised", "dropped", "over"): 4,
        ("acknowledged", "dropped", "not_told"): 4,
        ("cleared", "dropped", "not_told"): 4,
    }
    assert await fates(database, unseen) == {("raised", "dropped", "over"): 4, ("cleared", "sent", ""): 4}
    assert await fates(database, ended) == {
        ("raised", "dropped", "over"): 4,
        ("ended", "dropped", "not_told"): 4,
    }
    assert "\n24 messages\n" in shown.stdout


@pytest.mark.usefixtures("catcher")
async def test_all_clear_goes_to_whom_the_call_reached(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """One whose address refuses for good hears neither of it nor of its end; the others hear both."""
    refusing = f"http://127.0.0.1:{settings.catcher_port}/absent"
    file = settings.people_dir / "people.yaml"
    before, lee = file.read_text().split("- {id: lee")
    file.write_text(before + "- {id: lee" + lee.replace("webhook: catcher", f"webhook: '{refusing}'"))
    outputs = Outputs(settings.namespace)
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [outputs.alert(raised(1))])
        await until_done(database, 4)
        await send(settings, [outputs.alert(acknowledged(raised(1)))])
        await send(settings, [outputs.alert(cleared(acknowledged(raised(1))))])
        await until_done(database, 12)
        messages = caught(settings)
    assert Counter(message["to"] for message in messages) == {
        "wang@x.example": 3,
        "lee@x.example": 3,
        "wang": 3,
    }
    rows = await database.fetch(
        "SELECT kind, state, reason FROM outbox WHERE recipient = 'lee' AND channel = 'webhook' ORDER BY id"
    )
    assert [tuple(row) for row in rows] == [
        ("raised", "failed", "HTTP 404"),
        ("acknowledged", "dropped", "not_told"),
        ("cleared", "dropped", "not_told"),
    ]


async def taken(database: Pool, settings: Settings) -> list[Message]:
    """What a process takes to send."""
    return await outbox.take_due(database, (), Gatherings(0.0), within_s=settings.deliver_within_s)


AGAIN = Backoff(gives_up=False, pause_s=1.0)
LOST = Backoff(gives_up=True, pause_s=1.0)
DOWN = DeliveryReport(Result.UNREACHABLE, "no answer")


@pytest.mark.parametrize("last", ["sent", "waiting", "sending"])
async def test_late_note_of_an_earlier_attempt_changes_nothing(
    last: str, settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """Whatever it says, and whatever became of the message since: sent, waiting again, on its way."""
    with process(settings, notifier_log, "notifier", "run") as running:
        await send(settings, [Outputs(settings.namespace).alert(raised())])
        await until_true(database, "SELECT count(*) = 4 AND max(attempts) >= 1 FROM outbox", "it is queued")
        await running.kill()
    async with pool(settings) as opened:
        await outbox.free_interrupted(database)
        early = await taken(opened, settings)
        assert len(early) == 4
        assert await outbox.free_interrupted(database) == 4
        if last != "waiting":
            late = await taken(opened, settings)
            for message in late if last == "sent" else ():
                await outbox.note_delivered(opened, message)
        for message, note in zip(early, (AGAIN, LOST, AGAIN, LOST), strict=True):
            assert await outbox.note_failure(opened, message, DOWN, note) == 0
            await outbox.note_delivered(opened, message)
    rows = await database.fetch("SELECT DISTINCT state, reason, done_at IS NULL AS open FROM outbox")
    assert [tuple(row) for row in rows] == [(last, "" if last == "sent" else rows[0][1], last != "sent")]


@pytest.mark.parametrize("step_s", [-3_600.0, 3_600.0])
async def test_step_of_the_hosts_clock_stalls_no_lane_and_drops_nothing(
    step_s: float, settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """An hour back or forth while a lane rests: what waits is sent once the server is back, and once."""
    shift = tmp_path / "shift"
    shift.write_text("0")
    outputs = Outputs(settings.namespace)
    stepping = STEPPING.format(file=str(shift))
    with process(settings, notifier_log, "notifier", "run", prelude=stepping):
        await send(settings, [outputs.alert(raised(1))])
        await until_true(database, "SELECT max(attempts) >= 2 FROM outbox", "it was tried twice")
        (tmp_path / "stepped").write_text(str(step_s))
        (tmp_path / "stepped").rename(shift)
        await until_true(database, "SELECT max(attempts) >= 3 FROM outbox", "and again")
        with process(settings, tmp_path / "catcher", "catcher", "run"):
            await until(lambda: len(caught(settings)) == 4, within_s=30, what="four messages")
            await until_true(database, "SELECT bool_and(state = 'sent') FROM outbox", "noted as sent")
    assert await fates(database, raised(1)) == {("raised", "sent", ""): 4}
    assert await database.fetchval("SELECT max(attempts) FROM outbox") <= 12, "lanes rest in between"


@pytest.mark.usefixtures("catcher")
async def test_message_that_cannot_be_sent_costs_nothing_but_itself(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """What a plan says in one language only, a subject of two lines, no such channel: all others are told."""
    guidance = {"rules": [{"rule_id": "gas.chamber_lel", "guidance": {"zh": "疏散"}}]}
    await database.execute(
        "INSERT INTO plans (plan_id, format, district_code, active, stations, points, document)"
        " VALUES ('p', 1, '110118', true, 1, 1, $1)",
        guidance,
    )
    outputs = Outputs(settings.namespace)
    with process(settings, notifier_log, "notifier", "run") as running:
        await until_ready(settings.notifier_port)
        await send(settings, [outputs.alert(raised(1))])
        await until(lambda: len(caught(settings)) == 4, within_s=30, what="four messages")
        await database.execute(
            BAD_MESSAGES,
            {"zh": "甲烷", "en": "methane"},
        )
        await send(settings, [outputs.alert(raised(2))])
        await until(lambda: len(caught(settings)) == 9, within_s=60, what="nine messages")
        assert running.runs
        await until_true(database, DONE, "all is decided")
    bad = await database.fetch("SELECT channel, state, attempts FROM outbox WHERE alert_id = 'bad'")
    assert {tuple(row) for row in bad} == {("mail", "sent", 1), ("spell", "failed", 3)}
