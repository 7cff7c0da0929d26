"""The whole city's programs, two monitors among them, kept alive as a supervisor keeps them."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka.errors import KafkaError
from support.monitor_process import Installation
from support.programs import miyun, start
from support.recorder_process import until
from support.whole_city import WholeCity

from schemas.topics import TopicName

RUNS = {
    "monitor-1": "monitor",
    "monitor-2": "monitor",
    "recorder": "recorder",
    "catcher": "catcher",
    "notifier": "notifier",
    "console": "console",
}
"""Programs by name: what each runs."""
MAY_END_WITH = (0, 1, -signal.SIGKILL)
"""Exit codes after which a start helps. Of 0: a worker may be told to end by its own loss of partitions."""
LOOK_EVERY_S = 0.3
MOST_STARTS = 120


@dataclass(kw_only=True)
class SupervisedCity(WholeCity):
    """``starts``: how often each program was started; ``refused``: one that a start would not help."""

    starts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)

    def begin(self, name: str) -> None:
        """Start a program; its log goes on."""
        log = self.folder / f"{name}.log"
        own = {"MIYUN_MONITOR_PORT": "0"} if name == "monitor-2" else {}
        environment = {**self.environment, **own}
        self.programs[name] = start(RUNS[name], "run", environment=environment, log=log)
        self.starts[name] += 1

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """All programs run meanwhile, whatever ends them; afterwards they are ended."""
        for name in RUNS:
            if name != "console":
                self.begin(name)
        await until(self._has_tables, within_s=60, what="the tables are made")
        await asyncio.to_thread(self.accounts, op="operator")
        self.begin("console")
        keeping = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await asyncio.to_thread(self.end)

    async def _keep(self) -> None:
        while True:
            for name, program in list(self.programs.items()):
                code = program.process.poll()
                if code is None:
                    continue
                if code not in MAY_END_WITH or self.starts[name] >= MOST_STARTS:
                    self.refused.append(f"{name} ended with {code}: {program.said()[-2_000:]}")
                    return
                self.begin(name)
            await asyncio.sleep(LOOK_EVERY_S)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a program of ours, if it runs."""
        program = self.programs[name]
        if program.runs:
            os.kill(program.process.pid, number)

    async def settled(self) -> None:
        """All programs are ready; all that stands in the log is judged, stored, decided on and told."""

        async def are_ready() -> bool:
            assert not self.refused, self.refused
            return not await asyncio.to_thread(self.readiness)

        await until(are_ready, within_s=40, what=f"all are ready: {self._last_words()}")
        done = await asyncio.to_thread(miyun, "drain", "--timeout", "150", environment=self.environment)
        assert not self.refused, self.refused
        assert done.returncode == 0, done.stdout + done.stderr + self._last_words()
        ends = await Installation(self.settings, self.folder).ends((TopicName.ALERTS,))
        wanted = {tp.partition: end for tp, end in ends.items() if end}

        async def all_told() -> bool:
            try:
                rows = await self.rows("SELECT partition, next_offset FROM notifier_offsets")
                waiting = "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'failed', 'dropped')"
                taken = {row["partition"]: row["next_offset"] for row in rows}
                is_taken = all(taken.get(number, 0) >= end for number, end in wanted.items())
                return is_taken and await self.ask(waiting) == 0
            except (OSError, KafkaError):
                return False

        await until(all_told, within_s=40, what=f"all are told: {self._last_words()}")
        assert not self.refused, self.refused

    def _last_words(self) -> str:
        return "\n".join(f"{name}: {one.said()[-500:]}" for name, one in self.programs.items())
