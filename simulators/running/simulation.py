"""The composition root of ``miyun simulate``: hours of a city through the whole product, at full speed."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from schemas.headers import time_ms
from services.runtime.processes import EXIT_USAGE, StopProcessError
from services.runtime.screen import local
from services.runtime.settings import Settings
from services.runtime.words import REASON, REJECT, SEVERITY, Language, sentence
from simulators.faults.truth import TruthLog
from simulators.networks.time_of_day import HOUR_MS
from simulators.running.city import FAST_STEP_MS, CitySimulator
from simulators.running.city_clock import CityClock
from simulators.running.health import CityHealth
from simulators.running.log_reading import reading
from simulators.running.own_city import OwnCity, Results, counted
from simulators.running.publish import FrameWriter, Publisher
from simulators.running.words import NONE, PROGRESS, REFUSED, RESULT
from simulators.scenes.scene_file import load_scene

NO_SCENE = "none"
SCENE_AFTER_MS = 600_000
"""By then the rules that look back some minutes have something to look back on."""
MOST_HOURS = 24 * 31
PLAN_LEAD_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The options of a simulation. ``begin`` None: at MIYUN_CITY_START."""

    scene: str = "opening"
    hours: float = 1.0
    seed: int = 110_118
    begin: str | None = None
    fresh: bool = False
    timeout_s: float = 1_800.0

    def span_ms(self, city_start: str) -> tuple[int, int]:
        """Begin and end, epoch ms of city time.

        Raises:
            StopProcessError: they make no sense.
        """
        if not 0 < self.hours <= MOST_HOURS:
            text = sentence(REFUSED, "hours", hours=self.hours, most=MOST_HOURS)
            raise StopProcessError(text, exit_code=EXIT_USAGE)
        try:
            begin_ms = time_ms(self.begin or city_start)
        except ValueError as error:
            raise StopProcessError(sentence(REFUSED, "begin", why=error), exit_code=EXIT_USAGE) from None
        return begin_ms, begin_ms + round(self.hours * HOUR_MS)


def simulate(wanted: Simulation, settings: Settings, language: Language) -> None:
    """Simulate, and return when everything is stored.

    Raises:
        UnknownSceneError, StopProcessError, CommandFailedError: with a line that says what is wrong.
    """
    begin_ms, until_ms = wanted.span_ms(settings.city_start)
    scene = None if wanted.scene == NO_SCENE else load_scene(wanted.scene)
    folder = settings.state_dir / f"simulate-{settings.namespace}"
    own = OwnCity(settings=settings, folder=folder, timeout_s=wanted.timeout_s, language=language)
    own.ensure_empty(fresh=wanted.fresh)
    truth = TruthLog(settings.state_dir / f"truth-{settings.namespace}.jsonl")
    truth.path.unlink(missing_ok=True)

    async def send(publisher: Publisher) -> None:
        city = CitySimulator(
            clock=CityClock(begin_ms),
            publisher=publisher,
            # What tells one run from another comes from the seed: two runs are equal.
            frames=FrameWriter(boot=f"seed-{wanted.seed}", nature="simulated"),
            truth=truth,
            health=CityHealth(waiting_for=None),
            seed=wanted.seed,
            tick_ms=round(settings.tick_every_s * 1000),
        )
        async with reading(settings) as city_log:
            active = await city_log.active()
        assert active is not None, "it was published just before"
        plan, name = active
        city.activate(plan, name)
        if scene is not None:
            city.play(scene, actor="miyun simulate", in_ms=SCENE_AFTER_MS)
        await _fast_forward(own, city, until_ms, ZoneInfo(plan.time_zone))

    results = own.run(settings.city_dir, at_ms=begin_ms - PLAN_LEAD_MS, send=send)
    _say_results(own, results, truth.path)


async def _fast_forward(own: OwnCity, city: CitySimulator, until_ms: int, zone: ZoneInfo) -> None:
    began, begin_ms = monotonic(), city.clock.now_ms
    facts: dict[str, object] = {}
    try:
        async for at in city.fast_forward(until_ms, step_ms=FAST_STEP_MS):
            pace = city.readings / max(monotonic() - began, 0.001)
            share = (at - begin_ms) / (until_ms - begin_ms)
            facts = {"at": local(at, zone), "share": share, "readings": city.readings, "pace": pace}
            own.progress("simulated", **facts)
    finally:
        city.truth.write_cut_short(city.clock.now_ms)
    own.say(PROGRESS, "simulated", **facts)


def _say_results(own: OwnCity, results: Results, truth: Path) -> None:
    own.say(RESULT, "alerts", count=results.alerts.total())
    for (rule, severity), count in sorted(results.levels.items()):
        own.say(RESULT, "level", rule=rule, severity=SEVERITY[severity], count=count)
    own.say(RESULT, "transitions", counts=counted(results.transitions, REASON))
    own.say(RESULT, "rejected", counts=counted(results.rejected, REJECT))
    own.say(RESULT, "faults", file=truth if truth.exists() else NONE)
    own.say(RESULT, "look", command="miyun alerts list --all", namespace=own.settings.namespace)
