"""``miyun ack`` and ``miyun comment`` against a real monitor and a real recorder."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from shutil import copy2

import asyncpg
import pytest
from support.engine_log import MINUTE, SECOND, T0
from support.monitor_city import STATIONS, Sent, city_plan, event, frame, tick, write
from support.programs import Miyun, Programs, deadline_in

from schemas.headers import ce_headers
from schemas.plan import PLAN_PART_BYTES, Plan, PublicKey, plan_bytes, plan_id
from schemas.topics import EVENT_PARTITIONS, TopicName, control_key, partition_of
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings
from services.runtime.signing import CLI, PUBLISHER, ensure_key, sign_plan_event

LEAKING, TWIN = STATIONS[0], STATIONS[1]
DANGER = 45.0
"""A methane reading, in %LEL, above the plan's highest limit."""
WITHIN_S = 60.0
NAMESAKE = """
INSERT INTO alerts (snapshot, epoch, src_partition, src_offset)
SELECT snapshot || jsonb_build_object('alert_id', left(alert_id, 8) || '-namesake'), epoch, 0, 0
FROM alerts WHERE alert_id = $1
"""


@pytest.fixture(scope="module")
def city(
    settings: Settings, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A monitor and a recorder at work on a plan that knows our key; two stations in danger."""
    asyncio.run(_publish(settings, _plan_with_our_key(settings)))
    hurried = environment | {"MIYUN_CHECKPOINT_EVERY_S": "2"}
    programs = Programs(environment=hurried, folder=tmp_path_factory.mktemp("programs"))
    try:
        programs.start("monitor")
        programs.start("recorder")
        asyncio.run(_put_in_danger(settings))
        asyncio.run(_until(settings, "SELECT count(*) = 2 FROM alerts"))
        yield settings
    finally:
        programs.end()


def test_an_acknowledgement_is_applied_once_and_then_refused_in_words(
    city: Settings, miyun: Miyun, installed_miyun: Miyun
) -> None:
    """The beginning of the id is enough; the answer is the monitor's; a second one learns why not."""
    alert_id = _alert_of(city, LEAKING)

    first = installed_miyun("ack", alert_id[:8], "--actor", "wang.li", "--note", "crew is on its way")
    assert first.returncode == 0, first.stderr
    assert alert_id[:8] in first.stdout
    assert "applied" in first.stdout

    asyncio.run(_until(city, "SELECT acked_by = 'wang.li' FROM alerts WHERE alert_id = $1", alert_id))
    second = miyun("ack", alert_id, "--actor", "zhao")
    assert second.returncode == 1
    assert "Somebody has acknowledged it already: miyun alerts show" in second.stderr
    third = miyun("ack", alert_id, "--actor", "zhao", "--lang", "zh")
    assert third.returncode == 1
    assert "该告警已被确认：操作人见 miyun alerts show" in third.stderr


def test_a_comment_reaches_the_timeline(city: Settings, miyun: Miyun) -> None:
    """A person's words stand in the alert's timeline, signed by name."""
    alert_id = _alert_of(city, TWIN)

    done = miyun("comment", alert_id[:8], "阀门已关闭", "--actor", "zhao")

    assert done.returncode == 0, done.stderr
    said = "SELECT snapshot::text LIKE '%阀门已关闭%' FROM alerts WHERE alert_id = $1"
    asyncio.run(_until(city, said, alert_id))


def test_a_beginning_that_fits_several_names_them(city: Settings, miyun: Miyun) -> None:
    """Nothing is sent when it is not clear which open alert is meant."""
    alert_id = _alert_of(city, TWIN)
    asyncio.run(_ask(city, NAMESAKE, alert_id))
    try:
        done = miyun("ack", alert_id[:8], "--actor", "zhao")
    finally:
        asyncio.run(_ask(city, "DELETE FROM alerts WHERE alert_id LIKE '%-namesake'"))

    assert done.returncode == 1
    assert "several alerts begin with" in done.stderr
    assert done.stderr.count(alert_id[:8]) == 3
    assert asyncio.run(_ask(city, "SELECT acked FROM alerts WHERE alert_id = $1", alert_id)) is False


@pytest.mark.parametrize("unset", ["", "3f2"])
def test_an_empty_variable_of_a_script_acknowledges_nothing(city: Settings, miyun: Miyun, unset: str) -> None:
    """Too little of an id is refused, even if only one alert were open."""
    done = miyun("ack", unset, "--actor", "zhao")

    assert done.returncode == 1
    assert "too short" in done.stderr


def test_a_beginning_that_fits_none_shows_what_is_open(city: Settings, miyun: Miyun) -> None:
    """The person sees what could have been meant."""
    done = miyun("ack", "zzzz", "--actor", "zhao")

    assert done.returncode == 1
    assert "no alert begins with 'zzzz'" in done.stderr
    assert _alert_of(city, TWIN)[:8] in done.stderr


def test_a_key_that_the_plan_does_not_hold_is_refused(
    city: Settings, miyun: Miyun, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Another installation's key acknowledges nothing, and the person learns what to do."""
    strange = tmp_path_factory.mktemp("strange") / "keys"
    strange.mkdir()
    for file in city.keys_dir.glob("outputs*"):
        copy2(file, strange)

    done = miyun("ack", _alert_of(city, TWIN), "--actor", "zhao", MIYUN_KEYS_DIR=str(strange))

    assert done.returncode == 1
    assert "miyun rules publish" in done.stderr


def test_status_shows_the_city_at_work(city: Settings, miyun: Miyun) -> None:
    """Clock, plan, alerts and stations of this very city, read from the parts themselves."""
    stored = "SELECT count(*) = 16 FROM plan_activations JOIN plans USING (plan_id)"
    asyncio.run(_until(city, stored))

    told = miyun("status").stdout

    assert "2026-01-13 18:" in told
    assert plan_id(plan_bytes(_plan_with_our_key(city)))[:12] in told
    assert "2 critical" in told


def _plan_with_our_key(settings: Settings) -> Plan:
    key = ensure_key(settings.keys_dir, CLI)
    ours = PublicKey(
        key_id=key.key_id, signer=CLI, public_key=key.public_key, valid_from=T0 - MINUTE, valid_until=None
    )
    return replace(city_plan(), keys=(ours,))


async def _publish(settings: Settings, plan: Plan) -> None:
    serialised = plan_bytes(plan)
    name, key = plan_id(serialised), ensure_key(settings.keys_dir, PUBLISHER)
    parts = [serialised[at : at + PLAN_PART_BYTES] for at in range(0, len(serialised), PLAN_PART_BYTES)]
    sent = [
        Sent(f"{name}:{n}/{len(parts)}".encode(), part, ce_headers("plan_part", "test", f"{name}:{n}"), 0)
        for n, part in enumerate(parts)
    ]
    told = sign_plan_event(key, name, actor="tester", issued=T0, expires=T0 + MINUTE)
    value = told.model_dump_json().encode()
    events = [event("plan", control_key(n), n, value, T0) for n in range(EVENT_PARTITIONS)]
    async with make_producer(settings) as producer:
        await write(producer, TopicName.PLANS.within(settings.namespace), sent)
        await write(producer, TopicName.EVENTS.within(settings.namespace), events)


async def _put_in_danger(settings: Settings) -> None:
    records = [
        record
        for station in (LEAKING, TWIN)
        for record in (frame(station, 0, DANGER), tick(partition_of(station), T0 + MINUTE + 15 * SECOND))
    ]
    async with make_producer(settings) as producer:
        await write(producer, TopicName.EVENTS.within(settings.namespace), records)


async def _until(settings: Settings, question: str, *arguments: str) -> None:
    """Wait until the database answers true; tables may not be there yet."""
    deadline = deadline_in(WITHIN_S)
    while time.monotonic() < deadline:
        try:
            if await _ask(settings, question, *arguments):
                return
        except asyncpg.UndefinedTableError:
            pass
        await asyncio.sleep(0.3)
    raise AssertionError(f"never true within {WITHIN_S:g} s: {question}")


async def _ask(settings: Settings, question: str, *arguments: str) -> object:
    schema = {"search_path": f"{settings.namespace},public"}
    connection = await asyncpg.connect(settings.database_url, server_settings=schema)
    try:
        return await connection.fetchval(question, *arguments)
    finally:
        await connection.close()


def _alert_of(settings: Settings, station: str) -> str:
    return str(asyncio.run(_ask(settings, "SELECT alert_id FROM alerts WHERE station_id = $1", station)))
