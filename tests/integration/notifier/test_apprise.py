"""A service that Apprise reaches, told by a real request: taken, refused, put off, silent, gone."""

import io
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web
from support.notifier_city import MESSAGE, process, raised, write_people
from support.output_records import Outputs
from support.programs import free_ports
from support.recorder_process import send, until

from services.notifier.carriers.apprise_url import CARRIER
from services.notifier.carriers.mail import server_of
from services.notifier.message import DeliveryReport, Result
from services.notifier.private_file import PrivateFileError
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

TOKEN = "hidden-token"
MAIL_SERVER = "mailto://127.0.0.1:25?mode=insecure&from=a@x.example&to=a@x.example"


@dataclass
class Service:
    """What listens, and what it has taken. ``answer``: a status; None: it never answers."""

    port: int
    answer: int | None = 200
    taken: list[dict[str, str]] = field(default_factory=list)


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """A receiver of Apprise's json:// on loopback."""
    here = Service(free_ports(1)[0])

    async def take(request: web.Request) -> web.Response:
        told = await request.json()
        if here.answer is None:
            request.transport.abort()  # type: ignore[union-attr]  # the connection is still there
            return web.Response()
        if here.answer == 200:
            here.taken.append(told)
        return web.Response(status=here.answer)

    app = web.Application()
    app.add_routes([web.post("/in", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", here.port).start()
    try:
        yield here
    finally:
        await runner.cleanup()


def secrets(folder: Path, *lines: str, mode: int = 0o600) -> Settings:
    """Settings whose carriers' secrets hold these lines for Apprise."""
    folder.mkdir(exist_ok=True)
    path = folder / "apprise"
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(mode)
    return Settings(carrier_secrets_dir=folder)


@pytest.mark.parametrize(
    ("answer", "report"),
    [
        (200, DeliveryReport(Result.DELIVERED)),
        (400, DeliveryReport(Result.REFUSED, "HTTP 400")),
        (404, DeliveryReport(Result.REFUSED, "HTTP 404")),
        (408, DeliveryReport(Result.UNREACHABLE, "HTTP 408")),
        (429, DeliveryReport(Result.UNREACHABLE, "HTTP 429")),
        (503, DeliveryReport(Result.UNREACHABLE, "HTTP 503")),
        (None, DeliveryReport(Result.UNREACHABLE, "JSON: no answer that it understands")),
    ],
)
async def test_answers_of_a_service(answer: int | None, report: DeliveryReport, tmp_path: Path) -> None:
    """What says no for good is a refusal; 408, 429, 5xx and a broken connection are tried again."""
    async with service() as here:
        here.answer = answer
        url = f"json://user:{TOKEN}@127.0.0.1:{here.port}/in"
        sender = CARRIER.open(secrets(tmp_path / "s", "# who is on duty", f"duty {url}"))
        assert server_of(MAIL_SERVER) is not None, "mail beside it changes nothing"
        assert await sender.deliver(MESSAGE, "duty") == report
        await sender.close()
    if answer == 200:
        (told,) = here.taken
        assert (told["title"], told["message"]) == (MESSAGE.subject, MESSAGE.body)


async def test_service_that_never_answers_is_given_up_in_time(tmp_path: Path) -> None:
    """Within the time that its address allows; so is one that is not there."""
    (absent,) = free_ports(1)
    listening = socket.create_server(("127.0.0.1", 0))
    silent = listening.getsockname()[1]
    lines = (f"silent json://127.0.0.1:{silent}/in?rto=0.3&cto=0.3", f"absent json://127.0.0.1:{absent}/in")
    sender = CARRIER.open(secrets(tmp_path / "s", *lines))
    for name in ("silent", "absent"):
        report = await sender.deliver(MESSAGE, name)
        assert report.result is Result.UNREACHABLE, name
    gone = await sender.deliver(MESSAGE, "gone")
    assert (gone.result, "has no gone" in gone.reason) == (Result.REFUSED, True)
    listening.close()
    await sender.close()


async def test_tokens_are_never_shown(tmp_path: Path) -> None:
    """Neither in a log line, nor in a reason, nor where the carrier itself is printed."""
    said = logging.StreamHandler(io.StringIO())
    logging.getLogger().addHandler(said)
    (absent,) = free_ports(1)
    sender = CARRIER.open(secrets(tmp_path / "s", f"duty json://user:{TOKEN}@127.0.0.1:{absent}/{TOKEN}"))
    report = await sender.deliver(MESSAGE, "duty")
    with pytest.raises(PrivateFileError):
        CARRIER.open(secrets(tmp_path / "t", f"duty nonsense://{TOKEN}"))
    logging.getLogger().removeHandler(said)
    assert TOKEN not in f"{said.stream.getvalue()} {report} {sender}"
    await sender.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("json://127.0.0.1/in", "apprise:1: is no new name and Apprise address"),
        (f"duty nonsense://{TOKEN}", "apprise:1: is no new name and Apprise address"),
        (f"duty mailto:{TOKEN}", "apprise:1: is no new name and Apprise address"),
        ("a/b json://127.0.0.1", "apprise:1: is no new name and Apprise address"),
        ("duty json://127.0.0.1\nduty json://127.0.0.1", "apprise:2: is no new name"),
    ],
)
def test_mistake_in_the_file_is_named_without_the_address(line: str, words: str, tmp_path: Path) -> None:
    """File and line, never what it holds."""
    with pytest.raises(PrivateFileError) as caught:
        CARRIER.open(secrets(tmp_path / "s", line))
    assert words in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_file_must_be_there_and_private(tmp_path: Path) -> None:
    """Each with its remedy."""
    with pytest.raises(PrivateFileError, match="set MIYUN_CARRIER_SECRETS_DIR"):
        CARRIER.open(Settings())
    with pytest.raises(PrivateFileError, match="cannot be read"):
        CARRIER.open(Settings(carrier_secrets_dir=tmp_path / "absent"))
    with pytest.raises(PrivateFileError, match="chmod 600"):
        CARRIER.open(secrets(tmp_path / "s", "duty json://127.0.0.1", mode=0o644))


@pytest.mark.usefixtures("topics")
async def test_person_is_told_by_a_service(
    settings: Settings, database: Connection, notifier_log: Path, tmp_path: Path
) -> None:
    """By the process itself: an address in people.yaml is a name of the file; lists name the channel."""
    person = "{id: wang, name: {zh: 王, en: W}, organisation: gas, channels: {apprise: duty}}"
    routes = "routes:\n  - {id: r, severities: [critical], people: [wang], channels: [apprise]}\n"
    write_people(tmp_path / "people", f"people:\n  - {person}\n", routes)
    async with service() as here:
        folder = secrets(tmp_path / "s", f"duty json://127.0.0.1:{here.port}/in").carrier_secrets_dir
        told = settings.model_copy(update={"carrier_secrets_dir": folder})
        alert = replace(raised(1), nature="exercise")

        async def sent() -> bool:
            return await database.fetchval("SELECT state = 'sent' FROM outbox") is True

        with process(told, notifier_log, "notifier", "run"):
            await send(settings, [Outputs(settings.namespace).alert(alert)])
            await until(lambda: len(here.taken) == 1, within_s=30, what="a message")
            await until(sent, within_s=30, what="it is noted as sent")
    assert alert.headline.zh in json.dumps(here.taken, ensure_ascii=False)
    row = await database.fetchrow(
        "SELECT o.channel, o.state, c.name FROM outbox AS o JOIN delivery_channels AS c USING (channel)"
    )
    assert row is not None
    assert tuple(row) == ("apprise", "sent", {"zh": "第三方推送", "en": "push service"})
