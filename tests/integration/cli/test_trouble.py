"""What stands in the way of a command has one wording, whichever command it is."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from aiokafka.errors import KafkaConnectionError

from services.cli.checks.lag import monitor_lag
from services.cli.shown.alert_list import AlertFilter, show_alerts
from services.cli.shown.alert_page import show_alert
from services.cli.shown.coverage import look
from services.cli.shown.lists import show_deliveries, show_inspections, show_rejects
from services.cli.shown.reject_page import show_reject
from services.notifier.adoption import adopt as adopt_for_notifier
from services.recorder.adoption import adopt as adopt_for_recorder
from services.recorder.drain import drain
from services.runtime.clock import NoCityTimeError, city_time_ms
from services.runtime.command_line import explained
from services.runtime.kafka import NamespaceError
from services.runtime.postgres import Connection, release_migrations
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import TROUBLE, one_line, sentence

Command = Callable[[Settings], Awaitable[object]]
OPEN = AlertFilter(closed_too=False, severity=None, system=None, town=None, limit=9)
ASKING: list[Command] = [
    partial(show_alerts, wanted=OPEN, language="en"),
    partial(show_alert, prefix="3f2a9c01", language="en"),
    partial(show_inspections, language="en", system=None, town=None, limit=9),
    partial(show_rejects, language="en", reason=None, source=None, limit=9),
    partial(show_reject, number=1, language="en", raw=False),
    partial(show_deliveries, language="en", failed=False, alert=None, limit=9),
    look,
    partial(adopt_for_recorder, every=False, yes=False, say=print),
    partial(adopt_for_notifier, yes=False, say=print),
]
NAMES = [
    "alerts list", "alerts show", "inspections", "rejects list", "rejects show", "deliveries", "coverage",
    "recorder adopt", "notifier adopt",
]  # fmt: skip


async def refusal(command: Command, settings: Settings) -> StopProcessError:
    """Why the command cannot do its work."""
    with pytest.raises(StopProcessError) as caught:
        await command(settings)
    return caught.value


@pytest.mark.parametrize("command", ASKING, ids=NAMES)
async def test_nothing_is_stored_yet(command: Command, fresh: Settings) -> None:
    """The namespace is named, and what fills it, in both languages."""
    told = sentence(TROUBLE, "nothing_stored", namespace=fresh.namespace)
    assert (await refusal(command, fresh)).text == told


@pytest.mark.parametrize("command", [*ASKING, partial(drain, timeout_s=5, say=print)], ids=[*NAMES, "drain"])
async def test_the_database_is_away(command: Command, fresh: Settings) -> None:
    """Its address without user and password, why, and the variable."""
    away = fresh.model_copy(update={"database_url": "postgresql://miyun:secret@127.0.0.1:1/miyun"})
    text = (await refusal(command, away)).text
    assert one_line(text, "en").startswith(
        "the database 127.0.0.1:1 cannot be used (connection refused): start"
    )
    assert one_line(text, "zh").startswith("数据库 127.0.0.1:1 无法连接（连接被拒绝）：启动系统")
    assert text["en"].endswith("MIYUN_DATABASE_URL")


async def test_the_schema_is_of_an_older_release(database: Connection, fresh: Settings) -> None:
    """What it lacks is named, and that the recorder mends it at its start."""
    last = max(release_migrations())
    await database.execute("DROP VIEW alerts_now CASCADE")
    await database.execute("DELETE FROM migrations WHERE name = $1", last)
    text = (await refusal(ASKING[0], fresh)).text
    assert text == sentence(TROUBLE, "schema_older", namespace=fresh.namespace, names=last)


async def test_the_schema_is_of_a_newer_release(database: Connection, fresh: Settings) -> None:
    """Nothing here could mend it."""
    await database.execute("DROP VIEW alerts_now CASCADE")
    await database.execute("UPDATE migrations SET name = '9999_later' WHERE name = '0001_spine'")
    text = (await refusal(ASKING[0], fresh)).text
    assert text == sentence(TROUBLE, "schema_newer", namespace=fresh.namespace, names="9999_later")


async def test_the_database_refuses(database: Connection, fresh: Settings) -> None:
    """In the server's words, where the schema is the right one."""
    await database.execute("DROP VIEW alerts_now CASCADE")
    error = await refusal(ASKING[0], fresh)
    assert 'the database refused (relation "alerts_now" does not exist)' in str(error)


async def test_the_namespace_has_no_topics(fresh: Settings) -> None:
    """Whoever looks for them says the same."""
    for ask in (city_time_ms, monitor_lag):
        with pytest.raises((NoCityTimeError, NamespaceError)) as caught:
            await ask(fresh)
        told = sentence(TROUBLE, "no_topic", topic=f"{fresh.namespace}.events")
        assert explained(caught.value, fresh.kafka_bootstrap) == told


async def test_the_broker_is_away(fresh: Settings) -> None:
    """Its address, and the variable."""
    away = fresh.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    with pytest.raises(KafkaConnectionError) as caught:
        await monitor_lag(away)
    text = explained(caught.value, away.kafka_bootstrap)
    assert text is not None
    assert text["en"].startswith("the broker 127.0.0.1:1 cannot be used (no broker answers) -> ")
    assert text["zh"].startswith("消息系统 127.0.0.1:1 无法连接（没有应答） -> ")
