"""What the services say of themselves: /livez and /readyz."""

from dataclasses import dataclass

import aiohttp

OK = 200
ANSWER_WITHIN = aiohttp.ClientTimeout(total=3)


@dataclass(frozen=True, slots=True)
class Readiness:
    """A service's /readyz: ready, or the reasons against it."""

    ready: bool
    reasons: tuple[str, ...]
    namespace: str | None
    """Which one it serves, if it says."""


async def is_alive(host: str, port: int) -> bool:
    """Whether a service of ours answers /livez there."""
    try:
        async with (
            aiohttp.ClientSession(timeout=ANSWER_WITHIN) as session,
            session.get(f"http://{host}:{port}/livez") as answer,
        ):
            return answer.status == OK
    except (aiohttp.ClientError, TimeoutError):
        return False


async def readiness(host: str, port: int) -> Readiness | None:
    """What /readyz says; None when no service of ours answers."""
    try:
        async with (
            aiohttp.ClientSession(timeout=ANSWER_WITHIN) as session,
            session.get(f"http://{host}:{port}/readyz") as answer,
        ):
            body = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    if not isinstance(body, dict) or "ready" not in body:
        return None
    return Readiness(bool(body["ready"]), tuple(map(str, body.get("reasons", ()))), body.get("namespace"))
