"""The three endpoints of every service: /livez, /readyz, /metrics."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from services.runtime.processes import EXIT_USAGE, StopProcessError


@dataclass(frozen=True, slots=True)
class Health:
    """The readiness of a service, and the reasons against it. Empty ``reasons``: ready."""

    reasons: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    """Further JSON for the page, such as how many partitions are held."""

    @property
    def ready(self) -> bool:
        """No reason against it."""
        return not self.reasons


HealthCheck = Callable[[], Awaitable[Health]]


@asynccontextmanager
async def serving(health: HealthCheck, host: str, port: int) -> AsyncIterator[None]:
    """Serve as long as the block lasts. Port 0 switches the endpoints off.

    ``/livez`` answers 200 as long as the event loop turns; ``/readyz`` is JSON ``{ready, reasons, ...}``
    and 503 when not ready; ``/metrics`` is Prometheus' text format.

    Raises:
        StopProcessError: the address is in use, or not ours.
    """
    app = web.Application()
    app.add_routes(
        [
            web.get("/livez", _livez),
            web.get("/readyz", _readyz_of(health)),
            web.get("/metrics", metrics),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        if port:
            await _listen(runner, host, port)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise StopProcessError(
            f"cannot listen on {host}:{port}: {error.strerror}; set its MIYUN_*_PORT to a free port,"
            " or to 0 for none",
            exit_code=EXIT_USAGE,
        ) from None


async def _livez(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")


def _readyz_of(health: HealthCheck) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def readyz(_: web.Request) -> web.Response:
        found = await health()
        body = {"ready": found.ready, "reasons": list(found.reasons), **found.details}
        return web.json_response(body, status=200 if found.ready else 503)

    return readyz


async def metrics(_: web.Request) -> web.Response:
    """Prometheus' text format."""
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
