"""The hours before a city begins to live in real time: made at full speed, judged and stored."""

import json
import logging
from time import monotonic

from schemas.headers import time_text
from services.runtime.settings import Settings
from simulators.running.city import CitySimulator
from simulators.running.health import History
from simulators.running.subprocesses import run_aside

log = logging.getLogger(__name__)

STEP_MS = 120_000
"""A station's scans of so long are one frame of history, and time passes by as much at once."""
LOG_EVERY_S = 5.0
DRAINED_WITHIN_S = 1_800


async def backfill(city: CitySimulator, settings: Settings, *, begin_ms: int, until_ms: int) -> None:
    """Send the city's time from where it stands to ``until_ms``; it began at ``begin_ms``.

    Returns when monitor and recorder, which run elsewhere, have judged and stored it.

    Raises:
        simulators.running.subprocesses.CommandFailedError: they did not, within half an hour.
    """
    history = city.health.history = History()
    city.health.waiting_for = "history"
    began = logged = monotonic()
    async for at in city.fast_forward(until_ms, step_ms=STEP_MS):
        history.share = round((at - begin_ms) / (until_ms - begin_ms), 4)
        if monotonic() - logged >= LOG_EVERY_S:
            logged = monotonic()
            log.info(f"history share={history.share:.0%} city_time={time_text(at)}")
    log.info(f"history made seconds={monotonic() - began:.1f} readings={city.readings}; waiting until stored")
    await _stored(settings, history)
    log.info(f"history judged and stored seconds={monotonic() - began:.1f}")
    city.health.history = None


async def _stored(settings: Settings, history: History) -> None:
    def on_line(line: str) -> None:
        if not line.startswith("{"):
            log.info(f"history {line}")  # an error, and the end
            return
        now = json.loads(line)
        history.to_go = sum(now["behind"].values())
        log.info(f"history {now['text']}")

    within = ["--timeout", str(DRAINED_WITHIN_S)]
    arguments = ["drain", "--json", "--namespace", settings.namespace, *within]
    await run_aside(arguments, {"MIYUN_KAFKA_BOOTSTRAP": settings.kafka_bootstrap}, on_line)
