"""Liveness and readiness of the services, as their endpoints /livez and /readyz tell."""

import aiohttp
import msgspec

from services.runtime.settings import Settings

ANSWER_WITHIN = aiohttp.ClientTimeout(total=3)


class Readiness(msgspec.Struct, frozen=True):
    """A service's /readyz: ready, or the reasons against it."""

    ready: bool
    reasons: tuple[str, ...] = ()
    namespace: str | None = None
    """Which one it serves, if it says."""
    unreadable: dict[str, int] = {}
    """Records of our own topics that it could not read since it was started, by topic."""


def port_of(settings: Settings, service: str) -> int:
    """The port of a service's endpoints; 0: it has none."""
    return int(getattr(settings, f"{service}_port"))


async def is_alive(host: str, port: int) -> bool:
    """Asks /livez; False: no service of ours answers there."""
    return await _answer(f"http://{host}:{port}/livez") is not None


async def readiness(settings: Settings, service: str) -> Readiness | None:
    """Asks a service's /readyz; None: no service of ours answers."""
    url = f"http://{settings.host}:{port_of(settings, service)}/readyz"
    answer = await _answer(url, may_be_503=True) if port_of(settings, service) else None
    try:
        return msgspec.json.decode(answer or "", type=Readiness)
    except msgspec.DecodeError:
        return None


async def _answer(url: str, *, may_be_503: bool = False) -> str | None:
    """The answer's body; None where nobody answers, or not well."""
    try:
        async with aiohttp.ClientSession(timeout=ANSWER_WITHIN) as session, session.get(url) as answer:
            return await answer.text() if answer.ok or may_be_503 else None
    except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError):
        return None
