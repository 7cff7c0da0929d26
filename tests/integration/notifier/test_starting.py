"""How the notifier begins: files, logs, histories, and others of its kind."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from support.notifier_city import (
    caught,
    changed,
    fetched,
    process,
    raised,
    text_of,
    until_ready,
)
from support.output_records import Outputs
from support.programs import environment_of, miyun, miyun_process
from support.recorder_process import send, until

from schemas.alerts import TransitionReason
from schemas.headers import time_text
from services.recorder.schema import migrate
from services.runtime.postgres import Connection, connect
from services.runtime.settings import Settings


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("people.yaml", "people: 7\n", "people.yaml:1: people: "),
        ("routes.yaml", "routes:\n  - {id: r}\n", "routes.yaml:2: routes.0.severities: Field required"),
    ],
)
def test_bad_file_is_one_line_and_exit_code_two(file: str, text: str, words: str, settings: Settings) -> None:
    """Before anything else is looked at."""
    (settings.people_dir / file).write_text(text)
    done = miyun_process("notifier", "run", environment=environment_of(settings))
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.usefixtures("topics", "database")
async def test_catcher_may_have_another_address(
    settings: Settings, notifier_log: Path, tmp_path: Path
) -> None:
    """It listens at MIYUN_CATCHER_HOST alone, and the notifier's mail and webhooks go there."""
    elsewhere = settings.model_copy(update={"catcher_host": "127.0.0.2"})
    with (
        process(elsewhere, tmp_path / "catcher.log", "catcher", "run"),
        process(elsewhere, notifier_log, "notifier", "run"),
    ):
        await until_ready(settings.notifier_port)
        await send(settings, [Outputs(settings.namespace).alert(raised())])
        await until(lambda: len(caught(elsewhere)) == 4, within_s=30, what="two mails and two webhooks")
        assert fetched(f"http://127.0.0.1:{settings.catcher_port}/readyz") is None
        page = f"http://127.0.0.2:{settings.catcher_port}/metrics"
        assert "process_cpu_seconds_total" in await asyncio.to_thread(_text, page)


@pytest.mark.usefixtures("topics", "catcher")
async def test_history_is_not_told_and_what_follows_is(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """What was before the city began to live is history; a restart does not move the line."""
    born = raised(1).timeline[-1].detected_at + 500
    outputs = Outputs(settings.namespace)
    late = changed(raised(2), TransitionReason.ESCALATED)
    living = settings.model_copy(update={"history_hours": 1.0, "city_start": time_text(born)})
    for alert, count in ((raised(1), 0), (late, 4)):
        with process(living, notifier_log, "notifier", "run"):
            await until_ready(settings.notifier_port)
            await send(settings, [outputs.alert(alert)])
            await _until_decided(database, outputs)
            queued = await database.fetchval("SELECT count(*) FROM outbox")
        assert queued == count
    assert await database.fetchval("SELECT array_agg(DISTINCT alert_id) FROM outbox") == [late.alert_id]


@pytest.mark.usefixtures("topics", "catcher")
async def test_notifier_waits_for_the_tables(settings: Settings, notifier_log: Path) -> None:
    """The recorder makes them; until then /readyz says what is missing, and no alert is lost."""
    connection = await connect(settings)
    try:
        with process(settings, notifier_log, "notifier", "run"):
            page = f"http://127.0.0.1:{settings.notifier_port}/readyz"
            await until(lambda: _reasons(page) == ["no_tables"], within_s=20, what="it waits")
            await send(settings, [Outputs(settings.namespace).alert(raised())])
            await migrate(connection, settings.namespace)
            await until(lambda: len(caught(settings)) == 4, within_s=20, what="four messages")
        await connection.execute(f'DROP SCHEMA "{settings.namespace}" CASCADE')
    finally:
        await connection.close()


@pytest.mark.usefixtures("topics", "catcher")
async def test_another_log_is_refused_until_it_is_adopted(
    settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """Positions that belong to another log stop the notifier; adopting reads anew and sends nothing again."""
    outputs = Outputs(settings.namespace)
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [outputs.alert(raised(1))])
        await _until_decided(database, outputs)
        await _until_sent(database, 4)  # a kill before the note would rightly send again
    assert len(caught(settings)) == 4
    await database.execute("UPDATE notifier_offsets SET epoch = 'another'")
    with process(settings, tmp_path / "refused", "notifier", "run") as running:
        assert await running.ended() == 3
    assert "miyun notifier adopt" in (tmp_path / "refused").read_text().splitlines()[-1]
    adopt = ("notifier", "adopt", "--yes")
    adopted = await asyncio.to_thread(miyun, *adopt, environment=environment_of(settings))
    assert adopted.returncode == 0, adopted.stderr
    await send(settings, [outputs.alert(raised(2))])
    with process(settings, notifier_log, "notifier", "run"):
        await until(lambda: len(caught(settings)) == 8, within_s=20, what="four more")
    attempts = await database.fetchval("SELECT max(attempts) FROM outbox WHERE state = 'sent'")
    assert attempts == 1


@pytest.mark.usefixtures("topics", "catcher")
async def test_database_that_cuts_off_loses_and_repeats_nothing(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """Backends terminated again and again: the process goes on, and stops at once when asked to."""
    outputs = Outputs(settings.namespace)
    with process(settings, notifier_log, "notifier", "run") as running:
        await until_ready(settings.notifier_port)
        for cut in range(3):
            await send(settings, [outputs.alert(raised(cut * 10 + n)) for n in range(10)])
            await asyncio.sleep(0.1)
            await database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
            )
        await until(lambda: len(caught(settings)) == 120, within_s=30, what="all messages")
        assert await running.stop() == 0
    said = text_of(notifier_log)
    assert "waiting for the database at" in said
    assert "Traceback" not in said
    assert len({message["id"] for message in caught(settings)}) == 120


@pytest.mark.usefixtures("topics", "catcher")
async def test_second_notifier_waits_for_the_first(
    settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """Two of one namespace do not both tell people; the second takes over."""
    second = settings.model_copy(update={"notifier_port": 0})
    outputs = Outputs(settings.namespace)
    with process(settings, notifier_log, "notifier", "run") as first:
        await until_ready(settings.notifier_port)
        with process(second, tmp_path / "second", "notifier", "run"):
            log = tmp_path / "second"
            await until(lambda: "the other notifier" in log.read_text(), within_s=20, what="it waits")
            await first.kill()
            await send(settings, [outputs.alert(raised())])
            await until(lambda: len(caught(settings)) == 4, within_s=20, what="four messages")


def _text(page: str) -> str:
    with urllib.request.urlopen(page, timeout=5) as answer:  # noqa: S310  # loopback
        return str(answer.read().decode())


def _reasons(page: str) -> list[str]:
    try:
        urllib.request.urlopen(page, timeout=5)  # noqa: S310  # loopback
    except urllib.error.HTTPError as error:
        return list(json.load(error)["reasons"])
    except OSError:
        pass
    return []


async def _until_sent(database: Connection, messages: int) -> None:
    async def sent() -> bool:
        noted = await database.fetchval("SELECT count(*) FROM outbox WHERE state = 'sent'")
        return bool(noted == messages)

    await until(sent, within_s=20, what=f"{messages} messages are noted as sent")


async def _until_decided(database: Connection, outputs: Outputs) -> None:
    async def decided() -> bool:
        reached = await database.fetchval("SELECT coalesce(sum(next_offset), 0) FROM notifier_offsets")
        return bool(reached == sum(outputs.ends.values()))

    await until(decided, within_s=20, what="all is decided on")
