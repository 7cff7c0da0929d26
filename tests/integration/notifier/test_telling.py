"""Alerts on a real topic become mail and webhooks in a real catcher."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
from support.notifier_city import (
    acknowledged,
    caught,
    cleared,
    fetched,
    process,
    raised,
    text_of,
    until_ready,
    write_people,
)
from support.output_records import Outputs
from support.programs import environment_of, free_ports, miyun
from support.recorder_process import send, until

from schemas.base import Severity
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

pytestmark = pytest.mark.usefixtures("topics", "catcher")

PLAN = """
INSERT INTO plans (plan_id, format, district_code, active, stations, points, document)
VALUES ('p', 1, '110118', true, 1, 1, $1)
"""
ACTIVATION = "INSERT INTO plan_activations (partition, plan_id, at, actor) VALUES (0, 'p', $1, 'publisher')"
STATION = """
INSERT INTO stations (
    station_id, kind, system, town_code, owner_org, name, virtual, plan_id, address, landmark
)
VALUES (
    'gas-1', 'gas_chamber', 'gas', '110118001000', 'gas', '{"zh": "阀井", "en": "pit"}', false, 'p', $1, $2
)
"""


async def test_critical_alert_arrives_within_two_seconds(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """Every person by every channel, in their language, with what the plan says of place and rule."""
    guidance = {"zh": "疏散并通风", "en": "keep people away"}
    await database.execute(PLAN, {"rules": [{"rule_id": "gas.chamber_lel", "guidance": guidance}]})
    await database.execute(ACTIVATION, datetime.now(UTC))
    await database.execute(
        STATION, {"zh": "新南路1号", "en": "1 Xinnan Road"}, {"zh": "路口东北角", "en": "north-east corner"}
    )
    with process(settings, notifier_log, "notifier", "run"):
        await until_ready(settings.notifier_port)
        outputs = Outputs(settings.namespace)
        took_s = [await seconds_to_tell(settings, outputs, number) for number in range(3)]
    assert min(took_s) < 2.0, "of three times the shortest: a machine may be busy at the others"
    found = {(message["way"], message["to"]): message for message in caught(settings)}
    assert set(found) == {
        ("mail", "wang@x.example"),
        ("mail", "lee@x.example"),
        ("webhook", "wang"),
        ("webhook", "lee"),
    }
    zh, en = found["mail", "wang@x.example"], found["webhook", "lee"]
    assert zh["subject"] == "【演练/模拟】[危急] 告警:鼓楼 甲烷 32"
    for words in ("2026-01-13 19:00:05", "新南路1号", "路口东北角", "疏散并通风", "模拟数据", "生命安全"):
        assert words in zh["body"]
    assert en["subject"] == "[DRILL/SIMULATED] [critical] alert: Gulou: methane 32"
    for words in ("1 Xinnan Road", "keep people away", "severity: critical (life safety)"):
        assert words in en["body"]


async def seconds_to_tell(settings: Settings, outputs: Outputs, number: int) -> float:
    """From the record of an alert to the last of its four messages."""
    began = monotonic()
    await send(settings, [outputs.alert(raised(number))])
    await until(lambda: len(caught(settings)) == 4 * (number + 1), within_s=10, what="four messages")
    return monotonic() - began


async def test_those_who_were_told_hear_how_it_goes_on(
    settings: Settings, database: Connection, notifier_log: Path
) -> None:
    """Acknowledgement and all-clear follow a raise, in order; of what nobody was told, nobody hears more."""
    serious, slight = raised(1), raised(2, Severity.WARN)
    outputs = Outputs(settings.namespace)
    records = [outputs.alert(acknowledged(serious)), outputs.alert(acknowledged(slight))]
    records += [outputs.alert(cleared(acknowledged(it))) for it in (serious, slight)]
    with process(settings, notifier_log, "notifier", "run"):
        await send(settings, [outputs.alert(serious), outputs.alert(slight)])
        await until(lambda: len(caught(settings)) == 4, within_s=20, what="four messages")
        await send(settings, records)
        await until(lambda: len(caught(settings)) == 12, within_s=20, what="twelve messages")
        await until_ready(settings.notifier_port)
    to_wang = [m["subject"] for m in reversed(caught(settings)) if m["to"] == "wang@x.example"]
    assert [subject.partition("]")[2].partition(":")[0].strip() for subject in to_wang] == [
        "告警",
        "已确认",
        "解除",
    ]
    assert "zhao.lei" in next(m["body"] for m in caught(settings) if "已确认" in m["subject"])
    assert await database.fetchval("SELECT count(*) FROM outbox WHERE alert_id = $1", slight.alert_id) == 0


async def test_dead_webhook_delays_nobody_and_shows(
    settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """The others hear at once; the list shows the failure; what is over by then is not sent any more."""
    (dead,) = free_ports(1)
    people = f"""\
people:
  - {{id: wang, name: {{zh: 王工, en: Wang}}, organisation: gas,
     channels: {{mail: wang@x.example, webhook: "http://127.0.0.1:{dead}/in?token=hidden"}}}}
  - {{id: lee, name: {{zh: 李工, en: Lee}}, organisation: gas, channels: {{mail: lee@x.example}}}}
"""
    write_people(tmp_path / "people", people)
    outputs = Outputs(settings.namespace)
    with process(settings, notifier_log, "notifier", "run"):
        await until_ready(settings.notifier_port)
        began = monotonic()
        await send(settings, [outputs.alert(raised(n)) for n in range(10)])
        await until(lambda: len(caught(settings)) == 20, within_s=10, what="all mail")
        assert monotonic() - began < 4.0
        shown = await _deliveries(settings, "--lang", "en")
        assert "webhook" in shown
        assert "Connect call failed" in shown or "refused" in shown.lower()
        assert "hidden" not in shown + text_of(notifier_log)
        health = fetched(f"http://127.0.0.1:{settings.notifier_port}/readyz")
        assert health["ready"]

        seen = [acknowledged(raised(n)) for n in range(10)]
        await send(settings, [outputs.alert(one) for alert in seen for one in (alert, cleared(alert))])

        async def dropped() -> bool:
            return await database.fetchval("SELECT count(*) FROM outbox WHERE state = 'dropped'") == 30

        await until(dropped, within_s=30, what="ten calls and what follows them")
    shown = await _deliveries(settings, "--failed", "--lang", "en")
    assert "\n30 messages\n" in shown
    assert "the alert was over before it could be sent" in shown
    assert "3 条消息" in await _deliveries(settings, "--failed", "--alert", "00000003")
    tried = await database.fetchval("SELECT count(*) FROM delivery_attempts WHERE result = 'unreachable'")
    assert 1 <= tried <= 8, "the lane rests between attempts"


async def _deliveries(settings: Settings, *arguments: str) -> str:
    environment = environment_of(settings)
    done = await asyncio.to_thread(miyun, "deliveries", *arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
