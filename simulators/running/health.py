"""/livez, /readyz and /metrics of a simulator."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from schemas.headers import time_text

Absent = Literal["broker", "topics", "plan"]
Waiting = Absent | Literal["history"]


@dataclass(slots=True)
class Progress:
    """How far the city's history has come; ``share`` of it is generated."""

    share: float = 0.0
    to_go: int | None = None
    """Records that monitor and recorder have still to take, once all is generated."""


@dataclass(slots=True)
class Health:
    """What the simulator waits for (None: nothing), and how far city time has come (epoch ms)."""

    waiting_for: Waiting | None = "broker"
    city_ms: int | None = None
    stations: int = 0
    broker_away: Callable[[], bool] = lambda: False
    history: Progress | None = None
    scene: tuple[str, int] | None = None
    """The scene that was started last, and when it begins (epoch ms of city time)."""

    def reasons(self) -> list[str]:
        """Why the simulator is not ready; empty when it is."""
        waiting = [] if self.waiting_for is None else [f"waiting for {self.waiting_for}"]
        return [*waiting, "broker away: city time stands still"] if self.broker_away() else waiting

    def body(self) -> dict[str, object]:
        """The answer of /readyz."""
        reasons = self.reasons()
        history, scene = self.history, self.scene
        return {
            "ready": not reasons,
            "reasons": reasons,
            "city_time": None if self.city_ms is None else time_text(self.city_ms),
            "stations": self.stations,
            "history": None if history is None else {"share": history.share, "to_go": history.to_go},
            "scene": None if scene is None else {"name": scene[0], "begins": time_text(scene[1])},
        }


class PortTakenError(Exception):
    """Nothing can listen where /livez and /readyz should; the message names the setting."""


@asynccontextmanager
async def serving(health: Health, host: str, port: int) -> AsyncIterator[None]:
    """Answer on ``host:port`` meanwhile; port 0 answers nowhere.

    Raises:
        PortTakenError: the address is in use or not ours.
    """
    if port == 0:
        yield
        return

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def ready(_: web.Request) -> web.Response:
        return web.json_response(health.body(), status=503 if health.reasons() else 200)

    app = web.Application()
    app.add_routes([web.get("/livez", live), web.get("/readyz", ready), web.get("/metrics", _metrics)])
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield
    finally:
        await runner.cleanup()


async def _metrics(_: web.Request) -> web.Response:
    """What Python tells of its process; the simulator counts nothing of its own."""
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise PortTakenError(
            f"cannot listen on {host}:{port}: {error.strerror}; another simulator may run; "
            "set MIYUN_SIMULATOR_PORT to a free port, or to 0 for none"
        ) from error
