"""The composition root of ``miyun simulate``: hours of a city through the whole product, at full speed."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Self

from schemas.headers import time_ms
from services.runtime.settings import Settings
from services.runtime.words import ExplainedError
from simulators.faults.truth import TruthLog
from simulators.networks.time_of_day import HOUR_MS
from simulators.running.city import City
from simulators.running.city_clock import CityClock, shown
from simulators.running.health import CityHealth
from simulators.running.history import STEP_MS
from simulators.running.log_reading import reading
from simulators.running.own_city import OwnCity, Results, Say, Sending, counted
from simulators.running.publish import FrameWriter
from simulators.scenes.scene_file import Scene, load_scene

NO_SCENE = "none"
SCENE_AFTER_MS = 600_000
"""By then the rules that look back some minutes have something to look back on."""
SEED = 110_118
MOST_HOURS = 24 * 31
PLAN_LEAD_MS = 1_000


class SimulationError(ExplainedError):
    """What is asked for cannot be; the message says why."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What is to be simulated: city time from ``begin_ms`` to ``until_ms``."""

    scene: Scene | None
    begin_ms: int
    until_ms: int
    seed: int
    fresh: bool
    timeout_s: float

    @classmethod
    def of(  # noqa: PLR0913  # the options of a command line
        cls,
        settings: Settings,
        *,
        scene: str = "opening",
        hours: float = 1.0,
        seed: int = SEED,
        begin: str | None = None,
        fresh: bool = False,
        timeout_s: float = 1_800.0,
    ) -> Self:
        """Read what a person typed.

        Raises:
            SimulationError, UnknownSceneError: it makes no sense.
        """
        if not 0 < hours <= MOST_HOURS:
            raise SimulationError(f"--hours {hours:g}: more than 0, at most {MOST_HOURS}")
        text = settings.city_start if begin is None else begin
        try:
            begin_ms = time_ms(text)
        except ValueError as error:
            raise SimulationError(f"--from: {error}; for example 2026-01-13T19:00:00+08:00") from None
        return cls(
            scene=None if scene == NO_SCENE else load_scene(scene),
            begin_ms=begin_ms,
            until_ms=begin_ms + round(hours * HOUR_MS),
            seed=seed,
            fresh=fresh,
            timeout_s=timeout_s,
        )


def simulate(simulation: Simulation, settings: Settings, say: Say) -> None:
    """Do it, and return when everything is stored.

    Raises:
        NamespaceUsedError, ChildError: with a line that says what is wrong.
    """
    namespace = settings.namespace
    own = OwnCity(
        settings=settings,
        folder=settings.state_dir / f"simulate-{namespace}",
        timeout_s=simulation.timeout_s,
        say=say,
    )
    own.ensure_empty(fresh=simulation.fresh)
    truth = TruthLog(settings.state_dir / f"truth-{namespace}.jsonl")
    truth.path.unlink(missing_ok=True)

    async def send(sending: Sending) -> None:
        await _send(simulation, settings, truth, sending)

    results = own.live(settings.city_dir, at_ms=simulation.begin_ms - PLAN_LEAD_MS, send=send)
    _tell(results, truth.path, namespace, say)


async def _send(simulation: Simulation, settings: Settings, truth: TruthLog, sending: Sending) -> None:
    city = City(
        clock=CityClock(simulation.begin_ms),
        publisher=sending.publisher,
        # What tells one run from another comes from the seed: two runs are equal.
        frames=FrameWriter(boot=f"seed-{simulation.seed}", nature="simulated"),
        truth=truth,
        health=CityHealth(waiting_for=None),
        seed=simulation.seed,
        tick_ms=round(settings.tick_every_s * 1000),
    )
    async with reading(settings) as city_log:
        name = await city_log.active_plan()
        plan = None if name is None else await city_log.plan(name)
    assert name is not None, "it was published just before"
    assert plan is not None
    city.settle(plan, name)
    if simulation.scene is not None:
        city.play(simulation.scene, asked_by="miyun simulate", in_ms=SCENE_AFTER_MS)
    began = monotonic()
    try:
        async for at in city.hasten(simulation.until_ms, step_ms=STEP_MS):
            sending.tell(_progress(simulation, city, at, monotonic() - began))
    finally:
        truth.stopped(city.clock.now_ms)
    sending.say(_progress(simulation, city, simulation.until_ms, monotonic() - began))


def _progress(simulation: Simulation, city: City, at_ms: int, seconds: float) -> str:
    share = (at_ms - simulation.begin_ms) / (simulation.until_ms - simulation.begin_ms)
    pace = city.readings / max(seconds, 0.001)
    return f"city time {shown(at_ms)} ({share:.0%}), {city.readings} readings sent, {pace:.0f}/s"


def _tell(results: Results, truth: Path, namespace: str, say: Say) -> None:
    say(f"alerts: {sum(results.alerts.values())}")
    for (rule, severity), number in sorted(results.levels.items()):
        say(f"  {rule} {severity}: {number}")
    say(f"transitions: {counted(results.transitions)}")
    say(f"rejected by the monitor: {counted(results.rejected)}")
    say(f"injected faults: {truth}" if truth.exists() else "injected faults: none")
    say(f"where to look: miyun alerts list --all --namespace {namespace}; database schema {namespace}")
