"""Receivers that say no, later, or nothing: what is noted, and in which order messages arrive."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP
from support.notifier_city import (
    MESSAGE,
    acknowledged,
    caught,
    cleared,
    process,
    raised,
    until_ready,
    write_people,
)
from support.output_records import Outputs
from support.programs import free_ports
from support.recorder_process import send, until

from services.notifier.carriers.mail import Mail, server_of
from services.notifier.carriers.signature import HEADER, KEY_HEADER, refusal, sign
from services.notifier.carriers.webhook import Webhook, payload
from services.notifier.message import DeliveryReport, Result
from services.notifier.private_file import webhook_secret
from services.runtime.postgres import Connection
from services.runtime.settings import Settings


class Sayer:
    """A mail server's handler that answers with a line of the test's."""

    def __init__(self, to_recipient: str, to_data: str) -> None:
        self._to_recipient = to_recipient
        self._to_data = to_data

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """To each recipient."""
        envelope.rcpt_tos.append(address)
        return self._to_recipient

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        """To the complete mail."""
        return self._to_data


class Stranger(Sayer):
    """A mail server that takes nothing from us."""

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, _server: Any, _session: Any, _envelope: Any, _address: str, _options: list[str]
    ) -> str:
        """To the sender."""
        return "553 sender rejected: not logged in"


@asynccontextmanager
async def mail_server(sayer: Sayer) -> AsyncIterator[Mail]:
    """A real mail server, and the way to it."""
    loop = asyncio.get_running_loop()
    (port,) = free_ports(1)
    listening = await loop.create_server(lambda: SMTP(sayer, loop=loop), "127.0.0.1", port)
    found = server_of(f"mailto://127.0.0.1:{port}?mode=insecure&from=a@miyun.invalid&to=a@miyun.invalid")
    assert found is not None
    try:
        yield Mail(found)
    finally:
        listening.close()


@pytest.mark.parametrize(
    ("sayer", "report"),
    [
        (Sayer("250 ok", "250 kept"), DeliveryReport(Result.DELIVERED)),
        (Sayer("550 no such box", ""), DeliveryReport(Result.REFUSED, "550 no such box")),
        (Sayer("450 busy", ""), DeliveryReport(Result.UNREACHABLE, "450 busy")),
        (Sayer("250 ok", "554 not wanted"), DeliveryReport(Result.REFUSED, "554 not wanted")),
        (Sayer("250 ok", "451 later"), DeliveryReport(Result.UNREACHABLE, "451 later")),
        (
            Stranger("250 ok", "250 kept"),
            DeliveryReport(Result.UNREACHABLE, "553 sender rejected: not logged in"),
        ),
    ],
)
async def test_words_of_a_mail_server_are_kept(sayer: Sayer, report: DeliveryReport) -> None:
    """5xx is a refusal, unless it refuses us; anything else is tried again; the reason is the server's."""
    async with mail_server(sayer) as mail:
        assert await mail.deliver(MESSAGE, "wang@x.example") == report


@asynccontextmanager
async def hook(answers: list[int]) -> AsyncIterator[tuple[str, list[tuple[str, int]]]]:
    """A webhook that gives these answers, then 200; its address, and (alert, seq) of what it took."""
    taken: list[tuple[str, int]] = []

    async def take(request: web.Request) -> web.Response:
        told = json.loads(await request.read())
        status = answers.pop(0) if answers else 200
        if status == 200:
            taken.append((told["alert_id"], told["seq"]))
        return web.Response(status=status)

    (port,) = free_ports(1)
    app = web.Application()
    app.add_routes([web.post("/in", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/in", taken
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, "delivered"), (404, "refused"), (302, "refused"), (429, "unreachable"), (503, "unreachable")],
)
async def test_answers_of_a_webhook(status: int, result: str) -> None:
    """A redirect is not followed: the signature was meant for one address."""
    webhook = Webhook(b"s" * 32, "http://127.0.0.1:1/hook")
    async with hook([status]) as (address, _):
        report = await webhook.deliver(MESSAGE, address)
    await webhook.close()
    assert report.result == result


@pytest.mark.usefixtures("topics", "catcher")
async def test_messages_of_an_alert_arrive_in_order_whatever_fails(
    settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """One that fails is waited for; one that is refused for good stands as failed, and the next follows."""
    alerts = [raised(1), raised(2)]
    followed = [acknowledged(one) for one in alerts]
    outputs = Outputs(settings.namespace)
    async with hook([503, 503, 200, 200, 410, 410, 410]) as (address, taken):
        person = (
            f"{{id: wang, name: {{zh: 王, en: W}}, organisation: gas, channels: {{webhook: '{address}'}}}}"
        )
        routes = "routes:\n  - {id: r, severities: [critical], people: [wang], channels: [webhook]}\n"
        write_people(tmp_path / "people", f"people:\n  - {person}\n", routes)
        with process(settings, notifier_log, "notifier", "run"):
            await send(settings, [outputs.alert(one) for one in alerts])
            await until(lambda: len(taken) == 2, within_s=30, what="both calls")
            await send(settings, [outputs.alert(one) for one in followed])
            await send(settings, [outputs.alert(cleared(one)) for one in followed])
            await until(lambda: len(taken) == 5, within_s=30, what="five of six")
    first, second = (alert.alert_id for alert in alerts)
    assert taken == [(first, 1), (second, 1), (second, 2), (first, 3), (second, 3)]
    failed = await database.fetchrow("SELECT alert_id, seq, reason FROM outbox WHERE state = 'failed'")
    assert failed is not None
    assert tuple(failed) == (first, 2, "HTTP 410")
    assert caught(settings) == []


@pytest.mark.usefixtures("catcher")
async def test_catcher_takes_only_what_is_signed(settings: Settings) -> None:
    """And keeps a key once."""
    await until_ready(settings.catcher_port)
    address, body = f"http://127.0.0.1:{settings.catcher_port}/hook", payload(MESSAGE)
    signed = sign(webhook_secret(settings), body, at_s=int(datetime.now(UTC).timestamp()))
    right = {KEY_HEADER: MESSAGE.key, HEADER: signed}
    answers = []
    async with aiohttp.ClientSession() as session:
        for headers in ({}, {**right, KEY_HEADER: "other"}, right, right):
            async with session.post(address, data=body, headers=headers) as answer:
                answers.append((answer.status, await answer.json()))
    assert answers == [
        (401, {"refused": "unsigned"}),
        (400, {"refused": "Idempotency-Key is not the body's key"}),
        (200, {"taken": True}),
        (200, {"taken": False}),
    ]
    assert len(caught(settings)) == 1
    assert refusal(webhook_secret(settings), body, signed, now_s=int(datetime.now(UTC).timestamp())) is None
