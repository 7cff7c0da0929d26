"""What may happen in a run, by its seed; and processes, which are started again when they end."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simulation.loop import Process, SeededLoop

CALM_AT_S = 30.0
"""From then on nothing happens any more, so that a run comes to its end."""
DRAINED_WITHIN_S = 300.0
LIVES_STEPS = (150, 600, 2_000)
"""How many steps a process that will be killed lives at most: some die in their load, some late."""
RESTARTED_WITHIN_S = 2.0


@dataclass(frozen=True)
class Trouble:
    """What a run may meet. The default: nothing."""

    deaths: int = 0
    """Kills at a step that is drawn, at most; ``peril`` has others."""
    workers: int = 1
    stands: int = 0
    """How often a worker stands still for a while, as one that is stopped."""
    holds: float = 0.0
    slow: float = 0.0
    fails: float = 0.0
    peril: float = 0.0


def trouble_of(seed: int) -> Trouble:
    """What happens in the run of a seed."""
    chance = Random(f"trouble {seed}")
    return Trouble(
        deaths=chance.randint(1, 8),
        workers=chance.choice((1, 1, 2)),
        stands=chance.choice((0, 0, 1, 3)),
        holds=chance.choice((0.0, 0.01, 0.05)),
        slow=chance.choice((0.0, 0.02, 0.1)),
        fails=chance.choice((0.0, 0.0, 0.003, 0.01)),
        peril=chance.choice((0.0, 0.02, 0.1)),
    )


class NotDrainedError(AssertionError):
    """The log is not taken to its end, although all has been well for long."""


class TwoContentsError(AssertionError):
    """One id was said with two contents."""


@dataclass
class Lives:
    """Processes, one after the other. ``ends``: how they ended."""

    loop: SeededLoop
    deaths_left: int
    ends: list[str] = field(default_factory=list)

    async def keep(self, name: str, begin: Callable[[Process], Coroutine[Any, Any, None]]) -> None:
        """What supervisord does: a process that has ended is started again."""
        loop, chance = self.loop, self.loop.chance
        while True:
            process = Process(name)
            if self.deaths_left and loop.now < CALM_AT_S:
                self.deaths_left -= 1
                process.dies_at = chance.randint(1, chance.choice(LIVES_STEPS))
            ended = loop.create_future()
            process.on_end.append(lambda ended=ended: ended.done() or ended.set_result(None))
            main = loop.start(process, begin(process))
            main.add_done_callback(lambda _, process=process: loop.kill(process), context=Context())
            await ended
            self.ends.append(process.why or (repr(main.exception()) if main.done() else "killed"))
            await asyncio.sleep(chance.random() * RESTARTED_WITHIN_S)
