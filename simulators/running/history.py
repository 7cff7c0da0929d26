"""The hours before a city begins to live in real time: made at full speed, judged and stored."""

import logging
import re
from time import monotonic

from schemas.headers import time_text
from simulators.running.city import City
from simulators.running.health import Progress
from simulators.running.settings import SimulatorSettings
from simulators.running.subprocesses import run_aside

log = logging.getLogger(__name__)

STEP_MS = 120_000
"""A station's scans of so long are one frame of history, and time passes by as much at once."""
SAY_EVERY_S = 5.0
DRAINED_WITHIN_S = 1_800
TO_GO = re.compile(r"(\d+) records to go")


async def relive(city: City, settings: SimulatorSettings, *, begin_ms: int, until_ms: int) -> None:
    """Make the city's time from where it stands to ``until_ms``; it began at ``begin_ms``.

    Returns when monitor and recorder, which run elsewhere, have judged and stored it.

    Raises:
        simulators.running.subprocesses.ChildError: they did not, within half an hour.
    """
    progress = city.health.history = Progress()
    city.health.waiting_for = "history"
    began = said = monotonic()
    async for at in city.hasten(until_ms, step_ms=STEP_MS):
        progress.share = round((at - begin_ms) / (until_ms - begin_ms), 4)
        if monotonic() - said >= SAY_EVERY_S:
            said = monotonic()
            log.info(f"history share={progress.share:.0%} city_time={time_text(at)}")
    log.info(f"history made seconds={monotonic() - began:.1f} readings={city.readings}; waiting until stored")
    await _stored(settings, progress)
    log.info(f"history judged and stored seconds={monotonic() - began:.1f}")
    city.health.history = None


async def _stored(settings: SimulatorSettings, progress: Progress) -> None:
    def heard(line: str) -> None:
        told = TO_GO.search(line)
        progress.to_go = None if told is None else int(told[1])
        log.info(f"history {line}")

    arguments = ["drain", "--namespace", settings.namespace, "--timeout", str(DRAINED_WITHIN_S)]
    await run_aside(arguments, {"MIYUN_KAFKA_BOOTSTRAP": settings.kafka_bootstrap}, heard)
