"""The console's process: the topic of alerts is consumed, liveness is looked after, and pages are served."""

import asyncio
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from services.console.app import build
from services.console.console_services import ConsoleServices
from services.console.feed.alerts_consumer import AlertsConsumer
from services.console.feed.feed import Feed
from services.console.feed.liveness import Liveness
from services.console.point_day import Limits
from services.runtime.postgres import pool
from services.runtime.processes import EXIT_USAGE, StopProcessError
from services.runtime.settings import Settings

END_STREAMS_WITHIN_S = 1
BOOT_BYTES = 4


class _Server(uvicorn.Server):
    """Signals end the process, which ends the server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them to ``runtime.processes``."""
        yield


async def run(settings: Settings) -> None:
    """Serve until cancelled.

    Raises:
        StopProcessError: there is no port, or it is taken.
        OSError, asyncpg.PostgresError: the database is away at the start.
    """
    _ensure_port(settings)
    async with pool(settings) as opened:
        feed = Feed(boot=secrets.token_hex(BOOT_BYTES))
        consumer = AlertsConsumer(settings, feed, opened)
        liveness = Liveness(settings, consumer)
        console = ConsoleServices(settings, opened, feed, liveness, Limits(opened))
        async with asyncio.TaskGroup() as tasks:
            helpers = [tasks.create_task(consumer.run()), tasks.create_task(liveness.run())]
            try:
                await _serve(settings, console)
            finally:
                for helper in helpers:
                    helper.cancel()


def _ensure_port(settings: Settings) -> None:
    """Refuse before anything is opened what uvicorn would only log."""
    if settings.console_port == 0:
        raise StopProcessError(
            "the page has no port: set MIYUN_CONSOLE_PORT, such as 8104", exit_code=EXIT_USAGE
        )
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.console_port))
        except OSError as error:
            place = f"{settings.host}:{settings.console_port}"
            raise StopProcessError(
                f"cannot listen on {place}: {error.strerror}; set MIYUN_CONSOLE_PORT to a free port",
                exit_code=EXIT_USAGE,
            ) from None


async def _serve(settings: Settings, console: ConsoleServices) -> None:
    config = uvicorn.Config(
        build(console),
        host=settings.host,
        port=settings.console_port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=END_STREAMS_WITHIN_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        await serving
