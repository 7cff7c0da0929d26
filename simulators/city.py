"""The running city: steps along city time and puts what is due on the log."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.headers import time_text
from schemas.plan import Plan, Station
from simulators.cityclock import CityClock
from simulators.faults import Fault, Scene, cast
from simulators.health import Health
from simulators.publish import FrameWriter, Outgoing, Publisher, ticks
from simulators.station import Scanned
from simulators.truth import TruthLog
from simulators.world import World, build_world

log = logging.getLogger(__name__)
SOURCE = "sim-city"
"""Source of ticks; frames come from ``sim-<system>``."""


@dataclass(slots=True)
class City:
    """Everything that moves. ``world`` is replaced when another plan becomes active."""

    clock: CityClock
    publisher: Publisher
    frames: FrameWriter
    truth: TruthLog
    health: Health
    seed: int
    scene: Scene | None
    tick_ms: int
    started_ms: int
    world: World = field(default_factory=lambda: World((), ()))
    faults: list[Fault] = field(default_factory=list)
    fresh: bool = True
    """Whether the world has yet to report all its points once."""

    def settle(self, plan: Plan, name: str) -> None:
        """Simulate the stations of ``plan`` from now on."""
        without: list[str] = []
        if self.scene is not None:
            self.faults, without = cast(self.scene, plan.stations, start_ms=self.started_ms)
        self.world = build_world(plan, seed=self.seed, faults=self.faults)
        self.fresh = True
        self.health.stations = len(self.world.stations)
        points = sum(len(station.points) for station in self.world.stations)
        log.info(
            f"simulating plan={name[:12]} stations={self.health.stations} points={points}"
            f" city_time={time_text(self.clock.now_ms)}"
        )
        if self.world.unmodelled:
            log.warning(f"no model, so silent what={','.join(self.world.unmodelled)}")
        if without:
            log.warning(f"no station for faults what={','.join(without)}")

    async def step(self) -> bool:
        """Send what has become due; False when it is too early for anything."""
        now, until = self.clock.now_ms, self.clock.next_step()
        if until == now:
            return False
        batch = self._due(now, until)
        if self.fresh:
            # 1 ms later, so that it is not the repeat of a scan that was due now.
            batch = [*self._frames(self.world.switched_on(now + 1)), *batch]
            self.fresh = False
        await self.publisher.deliver(batch)
        self.clock.sent_up_to(until)
        self.health.city_ms = until
        for fault in self.truth.begun(self.faults, until):
            log.info(
                f"fault begins fault={fault.name} station={fault.station}"
                f" points={','.join(fault.peaks)} until={time_text(fault.ends)}"
            )
        return True

    def _due(self, after_ms: int, until_ms: int) -> list[Outgoing]:
        """Frames and ticks in the order of their time, so that the log's ends tell the latest."""
        batch = self._frames(self.world.between(after_ms, until_ms))
        first = after_ms - after_ms % self.tick_ms + self.tick_ms
        for at in range(first, until_ms + 1, self.tick_ms):
            batch.extend(ticks(at, source=SOURCE, boot=self.frames.boot))
        return sorted(batch, key=lambda record: record.time)

    def _frames(self, scans: Iterable[tuple[Station, Scanned]]) -> list[Outgoing]:
        return [
            self.frames.frame(station.station_id, [scanned], source=f"sim-{station.system}")
            for station, scanned in sorted(scans, key=lambda pair: pair[1].at)
        ]
