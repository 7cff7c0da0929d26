"""A seeded event loop: virtual time, no I/O, no threads; of what is ready, the seed draws what runs next.

Tasks belong to processes. A process can be killed at any await, as by ``kill -9``: nothing of it runs any
more, no ``finally`` either. Or it stands still for a while, as by SIGSTOP, and goes on not knowing it.
"""

import asyncio
import heapq
import warnings
import weakref
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

STEP_S = 0.000_5
"""What a step of a task takes at most."""
HOLD_S = 0.6
STALL, STALL_S = 0.02, 0.4
"""How often code that reads the clock finds that it was held up, and for how long at most."""
CLOSINGS = 50
MOST_STEPS = 2_000_000
"""Of one run: more is a task that goes round without waiting for anything."""
Answer = TypeVar("Answer")


class StandstillError(Exception):
    """Everything waits for something else, or goes on for ever: the product, or the simulation, hangs."""


@dataclass(eq=False)
class Process:
    """A group of tasks that ends as one. ``dies_at``: the step before which it is killed."""

    name: str
    dies_at: int | None = None
    steps: int = 0
    is_alive: bool = True
    stands: bool = False
    """It stands still."""
    parked: list[asyncio.Handle] = field(default_factory=list)
    """What would run if it did not."""
    on_end: list[Callable[[], object]] = field(default_factory=list)
    """What others do when it is gone: its connections break."""
    tasks: "weakref.WeakSet[asyncio.Task[Any]]" = field(default_factory=weakref.WeakSet)


_process: ContextVar[Process | None] = ContextVar("process", default=None)


def this_process() -> Process | None:
    """The process of the task that runs; None: it is the world's."""
    return _process.get()


class SeededLoop(asyncio.BaseEventLoop):
    """The loop. The same seed gives the same run."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.holds = 0.0
        """How often a step that is ready waits for a while, as if what it waits for took longer."""
        self.chance = chance
        self.now = 0.0
        self.steps = 0
        self.complaints: list[dict[str, Any]] = []
        """What asyncio would log: exceptions that nobody asked for."""
        self._dead: list[asyncio.Task[Any]] = []
        self.set_task_factory(_task_of_process)
        self.set_exception_handler(lambda _, complaint: self.complaints.append(complaint))

    def time(self) -> float:
        """Virtual seconds since the run began."""
        return self.now

    def reading(self) -> float:
        """The same, for code that measures how long it takes: now and then it was held up."""
        if self.chance.random() < STALL:
            self.now += self.chance.random() * STALL_S
        return self.now

    def start(self, process: Process, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Begin a process with its main task."""
        context = copy_context()
        context.run(_process.set, process)
        return self.create_task(work, context=context)

    def kill(self, process: Process) -> None:
        """Nothing of the process runs any more."""
        if not process.is_alive:
            return
        process.is_alive = False
        for task in list(process.tasks):
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                self._dead.append(task)
        for notice in process.on_end:
            notice()

    def stop_for(self, process: Process, seconds: float) -> None:
        """The process stands still for so long."""
        process.stands = True
        self.call_later(seconds, self._go_on, process, context=Context())

    def _go_on(self, process: Process) -> None:
        process.stands = False
        parked, process.parked = process.parked, []
        self._ready.extend(parked)  # type: ignore[attr-defined]

    def _run_once(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise StandstillError(f"{MOST_STEPS} steps, and no end at {self.now:.1f} s")
        self._wake()
        handle = self._draw()
        process = handle._context.get(_process)
        if handle._cancelled or (process is not None and not self._has_turn(process, handle)):
            return
        handle._run()
        self.now += self.chance.random() * STEP_S

    def _wake(self) -> None:
        """Move what is due to what is ready; where nothing is ready, time passes."""
        timers = self._scheduled  # type: ignore[attr-defined]
        ready = self._ready  # type: ignore[attr-defined]
        while timers and (timers[0]._cancelled or timers[0]._when <= self.now or not ready):
            timer = heapq.heappop(timers)
            timer._scheduled = False
            if not timer._cancelled:
                self.now = max(self.now, timer._when)
                ready.append(timer)
        if not ready:
            raise StandstillError(f"nothing would ever happen after {self.now:.1f} s")

    def _draw(self) -> asyncio.Handle:
        ready = self._ready  # type: ignore[attr-defined]
        if len(ready) > 1:
            ready.rotate(-self.chance.randrange(len(ready)))
        handle: asyncio.Handle = ready.popleft()
        return handle

    def _has_turn(self, process: Process, handle: asyncio.Handle) -> bool:
        if process.stands and process.is_alive:
            process.parked.append(handle)
            return False
        if self.holds and self.chance.random() < self.holds:
            self.call_later(self.chance.random() * HOLD_S, self._ready.append, handle, context=Context())  # type: ignore[attr-defined]
            return False
        process.steps += 1
        if process.steps == process.dies_at:
            self.kill(process)
        return process.is_alive

    def bury(self) -> None:
        """Close what was killed: only now, where nothing that its ``finally`` does can matter."""
        for task in self._dead:
            _close(task.get_coro())
        self._dead.clear()

    def _process_events(self, _: object) -> None:
        """There are none: nothing is read from outside."""

    def _write_to_self(self) -> None:
        """There is no other thread to wake it."""


def _task_of_process(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
) -> "asyncio.Task[Any]":
    context = options.get("context")
    process = _process.get() if context is None else context.get(_process)
    task = asyncio.Task(work, loop=loop, **options)
    if process is not None:
        process.tasks.add(task)
    return task


def _close(work: Any) -> None:
    with warnings.catch_warnings(action="ignore"):  # what its ``finally`` begins is never awaited
        for _ in range(CLOSINGS):
            with suppress(BaseException):
                work.close()
                return


def simulate(seed: int | str, work: Callable[[SeededLoop], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run ``work`` to its end on a loop of this seed."""
    loop = SeededLoop(Random(seed))
    try:
        answer = loop.run_until_complete(work(loop))
        broken = [it for it in loop.complaints if "handle" in it]
        assert not broken, f"callbacks have raised: {broken[:3]}"
        return answer
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        loop.close()
        loop.bury()
        for task in left:
            _close(task.get_coro())
