"""The composition root of ``miyun simulate run``."""

import asyncio
import logging
import secrets
import signal
from contextlib import suppress
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from schemas.plan import Plan
from simulators.faults.truth import TruthLog
from simulators.running.city import City
from simulators.running.city_clock import CityClock, Times
from simulators.running.health import Absent, Health, serving
from simulators.running.history import relive
from simulators.running.log_reading import LogReader, reading
from simulators.running.publish import FrameWriter, Publisher
from simulators.running.settings import SimulatorSettings
from simulators.scenes.scene_file import Scene, load_scene
from simulators.scenes.scene_requests import SceneDesk

log = logging.getLogger(__name__)
SCENE_AFTER_MS = 60_000
"""The scene that a run plays by itself begins so long after the simulator is ready (ADR 15)."""
LOOK_S = 1.0
REMIND_S = 30.0
IDLE_S = 0.1
AWAY = (KafkaError, OSError, TimeoutError)


class WallClockError(Exception):
    """The namespace's time cannot be simulated; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Where the run begins: the active plan, and how far the log has come (epoch ms of city time)."""

    name: str
    plan: Plan
    last_ms: int | None


@dataclass(slots=True)
class Patience:
    """Says what is waited for when that changes, and again every 30 s."""

    settings: SimulatorSettings
    health: Health
    said: Absent | None = None
    looks: int = 0

    async def wait(self, what: Absent) -> None:
        """One more look in vain."""
        self.health.waiting_for = what
        if what != self.said or self.looks >= REMIND_S / LOOK_S:
            log.info(self._line(what))
            self.said, self.looks = what, 0
        self.looks += 1
        await asyncio.sleep(LOOK_S)

    def _line(self, what: Absent) -> str:
        namespace = self.settings.namespace
        match what:
            case "broker":
                return f"waiting for the broker address={self.settings.kafka_bootstrap}"
            case "topics":
                return f"waiting for the topics (miyun monitor run makes them) namespace={namespace}"
            case "plan":
                return f"waiting for an active plan (miyun rules publish) namespace={namespace}"


async def simulate(settings: SimulatorSettings, *, seed: int, scene: str | None) -> None:
    """Simulate until cancelled."""
    publisher = Publisher(settings.kafka_bootstrap, settings.namespace)
    health = Health(broker_away=lambda: publisher.away_since is not None)
    truth = TruthLog(settings.state_dir / f"truth-{settings.namespace}.jsonl")
    played: Scene | None = None if scene is None else load_scene(scene)
    desk = SceneDesk(settings.state_dir / f"scenes-{settings.namespace}")
    async with serving(health, settings.host, settings.simulator_port):
        opening = await _opening(settings, health)
        times = Times.of(settings, opening.last_ms)
        city = City(
            clock=CityClock(times.here_ms),
            publisher=publisher,
            frames=FrameWriter(boot=secrets.token_hex(4), nature="simulated"),
            truth=truth,
            health=health,
            seed=seed,
            tick_ms=round(settings.tick_every_s * 1000),
            desk=desk,
        )
        city.settle(opening.plan, opening.name)
        watch = asyncio.create_task(_follow_plan(settings, city, opening.name))
        try:
            if times.history_is_open:
                await relive(city, settings, begin_ms=times.begin_ms, until_ms=times.start_ms)
            with desk.attended():
                await _live(city, played)
        finally:
            watch.cancel()
            truth.stopped(city.clock.now_ms)
            await publisher.close()


async def _live(city: City, scene: Scene | None) -> None:
    city.health.waiting_for = None
    if scene is not None:
        city.play(scene, asked_by="the city itself", in_ms=SCENE_AFTER_MS)
    while True:
        if not await city.step():
            await asyncio.sleep(IDLE_S)


async def _opening(settings: SimulatorSettings, health: Health) -> Opening:
    patience = Patience(settings, health)
    while True:
        try:
            async with reading(settings.kafka_bootstrap, settings.namespace) as reader:
                return await _opening_of(reader, patience)
        except AWAY:
            await patience.wait("broker")


async def _opening_of(reader: LogReader, patience: Patience) -> Opening:
    while not await reader.exists():
        await patience.wait("topics")
    if await reader.declared_clock() == "wall":
        raise WallClockError(
            f"namespace {patience.settings.namespace} lives by clock=wall: its time is the broker's and "
            "cannot be simulated; choose another MIYUN_NAMESPACE, such as demo"
        )
    while True:
        name = await reader.active_plan()
        plan = None if name is None else await reader.plan(name)
        if name is not None and plan is not None:
            break
        await patience.wait("plan")
    return Opening(name=name, plan=plan, last_ms=await reader.last_time())


async def _follow_plan(settings: SimulatorSettings, city: City, active: str) -> None:
    """Settle the city anew whenever another plan becomes active, for as long as it lives."""
    while True:
        with suppress(*AWAY):
            async with reading(settings.kafka_bootstrap, settings.namespace) as reader:
                found = await reader.active_plan()
                active = await _settle(settings, city, found or active, active)
                async for name in reader.later_plans():
                    active = await _settle(settings, city, name, active)
        await asyncio.sleep(LOOK_S)


async def _settle(settings: SimulatorSettings, city: City, name: str, active: str) -> str:
    if name == active:
        return active
    async with reading(settings.kafka_bootstrap, settings.namespace) as reader:
        plan = await reader.plan(name)
    if plan is None:
        log.warning(f"a plan event names a plan that is not there plan={name[:12]}")
        return active
    city.settle(plan, name)
    return name


def run_until_stopped(settings: SimulatorSettings, *, seed: int, scene: str | None) -> None:
    """Run ``simulate`` until SIGTERM or SIGINT."""
    with suppress(asyncio.CancelledError):
        asyncio.run(_stoppable(settings, seed=seed, scene=scene))
    log.info("simulator stopped")


async def _stoppable(settings: SimulatorSettings, *, seed: int, scene: str | None) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await simulate(settings, seed=seed, scene=scene)
