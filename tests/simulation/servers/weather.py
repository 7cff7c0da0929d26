"""What may go wrong between a process and a server: answers that come late, or never."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from simulation.loop import Process

QUICK_S, SLOW_S = 0.01, 3.0
SOON_STEPS = 8


@dataclass(slots=True, kw_only=True)
class Weather:
    """Delays and failures of a server's answers. ``calm_at``: from then on (seconds) all is well.

    ``slow``, ``fails``: shares of what is asked that take long, or get no answer.
    """

    chance: Random
    error: Callable[[], Exception]
    """What the client's library raises when there is no answer."""
    calm_at: float = 0.0
    slow: float = 0.0
    fails: float = 0.0
    peril: float = 0.0
    """How often a process is killed right after something of it has become lasting."""

    @property
    def _is_calm(self) -> bool:
        return asyncio.get_running_loop().time() >= self.calm_at

    async def pause(self) -> None:
        """The way there, or back."""
        is_slow = not self._is_calm and self.chance.random() < self.slow
        await asyncio.sleep(self.chance.random() * (SLOW_S if is_slow else QUICK_S))

    def strike(self) -> None:
        """Perhaps there is no answer.

        Raises:
            Exception: there is none.
        """
        if not self._is_calm and self.chance.random() < self.fails:
            raise self.error()

    def written(self, process: Process | None) -> None:
        """Something that the process sent has become lasting."""
        if process is not None and not self._is_calm and self.chance.random() < self.peril:
            process.dies_at = process.steps + self.chance.randint(1, SOON_STEPS)


class Calm(Weather):
    """Nothing goes wrong, and nothing takes time."""

    def __init__(self) -> None:
        super().__init__(chance=Random(0), error=RuntimeError)

    async def pause(self) -> None:
        """Only others have their turn."""
        await asyncio.sleep(0)


async def patience(awaited: "asyncio.Future[None]", timeout_s: float) -> None:
    """Wait for something at most so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(awaited), timeout_s)
