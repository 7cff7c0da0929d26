"""The composition root of ``miyun simulate run``: history is made and stored first, then the city lives."""

import asyncio
import json
import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from aiokafka.errors import KafkaError

from schemas.headers import time_text
from schemas.plan import Plan
from services.runtime import web
from services.runtime.clock import log_time_ms
from services.runtime.processes import EXIT_USAGE, StopProcessError
from services.runtime.settings import Settings
from services.runtime.words import sentence
from simulators.faults.truth import TruthLog
from simulators.running.city import FAST_STEP_MS, CitySimulator
from simulators.running.city_clock import CityClock, Times
from simulators.running.health import Absent, CityHealth, History
from simulators.running.log_reading import CityLog, reading
from simulators.running.publish import FrameWriter, Publisher
from simulators.running.subprocesses import run_aside
from simulators.running.words import REFUSED
from simulators.scenes.scene_file import Scene, load_scene
from simulators.scenes.scene_requests import SceneRequests

log = logging.getLogger(__name__)
SCENE_AFTER_MS = 60_000
"""The scene that a run plays by itself begins so long after the simulator is ready (ADR 15)."""
LOOK_S = 1.0
REMIND_S = 30.0
IDLE_S = 0.1
LOG_EVERY_S = 5.0
DRAINED_WITHIN_S = 1_800
AWAY = (KafkaError, OSError, TimeoutError)
WAITING_FOR = {
    "broker": "the broker address={address}",
    "topics": "the topics (miyun monitor run makes them) namespace={namespace}",
    "plan": "an active plan (miyun rules publish) namespace={namespace}",
}


@dataclass(slots=True)
class Waiting:
    """Logs what is waited for when that changes, and again every 30 s."""

    settings: Settings
    health: CityHealth
    logged: Absent | None = None
    looks: int = 0

    async def once_more(self, what: Absent) -> None:
        """One more look in vain."""
        self.health.waiting_for = what
        if what != self.logged or self.looks >= REMIND_S / LOOK_S:
            address, namespace = self.settings.kafka_bootstrap, self.settings.namespace
            log.info(
                f"simulator: waiting for {WAITING_FOR[what].format(address=address, namespace=namespace)}"
            )
            self.logged, self.looks = what, 0
        self.looks += 1
        await asyncio.sleep(LOOK_S)


async def simulate(settings: Settings, *, seed: int, scene: str | None) -> None:
    """Simulate until cancelled."""
    played = None if scene is None else load_scene(scene)
    publisher = Publisher(settings)
    health = CityHealth(broker_away=lambda: publisher.away_since is not None)
    truth = TruthLog(settings.state_dir / f"truth-{settings.namespace}.jsonl")
    requests = SceneRequests.of(settings)
    async with web.serving(health.check, settings.host, settings.simulator_port):
        plan, name, last_ms = await _opening(settings, health)
        times = Times.of(settings, last_ms)
        city = CitySimulator(
            clock=CityClock(times.resume_ms),
            publisher=publisher,
            frames=FrameWriter(boot=secrets.token_hex(4), nature="simulated"),
            truth=truth,
            health=health,
            seed=seed,
            tick_ms=round(settings.tick_every_s * 1000),
            requests=requests,
        )
        city.activate(plan, name)
        watch = asyncio.create_task(_follow_plan(settings, city, name))
        try:
            if times.history_is_open:
                await make_history(city, settings, begin_ms=times.begin_ms, until_ms=times.start_ms)
            with requests.consuming():
                await _live(city, played)
        finally:
            watch.cancel()
            truth.write_cut_short(city.clock.now_ms)
            await publisher.close()
            log.info("simulator: stopped")


async def make_history(city: CitySimulator, settings: Settings, *, begin_ms: int, until_ms: int) -> None:
    """Send the city's time from where it stands to ``until_ms``; it began at ``begin_ms``.

    Returns when monitor and recorder, which run elsewhere, have judged and stored it.

    Raises:
        CommandFailedError: they did not, within half an hour.
    """
    history = city.health.history = History()
    city.health.waiting_for = "history"
    began = logged = monotonic()
    async for at in city.fast_forward(until_ms, step_ms=FAST_STEP_MS):
        history.share = round((at - begin_ms) / (until_ms - begin_ms), 4)
        if monotonic() - logged >= LOG_EVERY_S:
            logged = monotonic()
            log.info(f"simulator: history share={history.share:.0%} city_time={time_text(at)}")
    log.info(
        f"simulator: history made, not stored yet seconds={monotonic() - began:.1f} readings={city.readings}"
    )
    await _stored(settings, history)
    log.info(f"simulator: history judged and stored seconds={monotonic() - began:.1f}")
    city.health.history = None


async def _stored(settings: Settings, history: History) -> None:
    def on_line(line: str) -> None:
        if not line.startswith("{"):
            log.info(f"simulator: history {line}")  # an error, and the end
            return
        now = json.loads(line)
        history.to_go = sum(now["behind"].values())
        log.info(f"simulator: history {now['text']}")

    within = ["--timeout", str(DRAINED_WITHIN_S)]
    arguments = ["drain", "--json", "--namespace", settings.namespace, *within]
    await run_aside(arguments, {"MIYUN_KAFKA_BOOTSTRAP": settings.kafka_bootstrap}, on_line)


async def _live(city: CitySimulator, scene: Scene | None) -> None:
    city.health.waiting_for = None
    if scene is not None:
        city.play(scene, actor="the city itself", in_ms=SCENE_AFTER_MS)
    while True:
        if not await city.step():
            await asyncio.sleep(IDLE_S)


async def _opening(settings: Settings, health: CityHealth) -> tuple[Plan, str, int | None]:
    """The active plan, its name, and how far the log has come (epoch ms of city time)."""
    waiting = Waiting(settings, health)
    while True:
        try:
            async with reading(settings) as city_log:
                plan, name = await _opening_plan(city_log, waiting)
                return plan, name, await log_time_ms(settings)
        except AWAY:
            await waiting.once_more("broker")


async def _opening_plan(city_log: CityLog, waiting: Waiting) -> tuple[Plan, str]:
    while not await city_log.exists():
        await waiting.once_more("topics")
    if await city_log.declared_clock() == "wall":
        text = sentence(REFUSED, "wall_clock", namespace=city_log.namespace)
        raise StopProcessError(text, exit_code=EXIT_USAGE)
    while True:
        active = await city_log.active()
        if active is not None:
            return active
        await waiting.once_more("plan")


async def _follow_plan(settings: Settings, city: CitySimulator, active: str) -> None:
    """Simulate whichever plan becomes active, for as long as the city lives."""
    while True:
        with suppress(*AWAY):
            async with reading(settings) as city_log:
                active = await _activate(settings, city, await city_log.active_plan() or active, active)
                async for name in city_log.later_plans():
                    active = await _activate(settings, city, name, active)
        await asyncio.sleep(LOOK_S)


async def _activate(settings: Settings, city: CitySimulator, name: str, active: str) -> str:
    if name == active:
        return active
    async with reading(settings) as city_log:
        plan = await city_log.plan(name)
    if plan is None:
        log.warning(f"simulator: a plan event names a plan that is not there plan={name[:12]}")
        return active
    city.activate(plan, name)
    return name
