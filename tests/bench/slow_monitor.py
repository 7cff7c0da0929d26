"""``miyun`` with an engine that takes its time over each frame: how a backlog is made, on purpose."""

import os
import time

from schemas.events import Event, Telemetry
from services.cli.main import app_main
from services.rules import engine
from services.rules.effects import Cause
from services.rules.index import PlanIndex
from services.rules.state import StationState

PAUSE_S = "BENCH_PAUSE_S"


def slow_down(pause_s: float) -> None:
    """Let the engine stand still before it judges a frame. Like a busy engine, it keeps the event loop."""
    quick = engine.step

    def slow(state: StationState, event: Event, cause: Cause, plan: PlanIndex) -> engine.Step:
        if isinstance(event, Telemetry):
            time.sleep(pause_s)
        return quick(state, event, cause, plan)

    engine.step = slow


if __name__ == "__main__":
    slow_down(float(os.environ.get(PAUSE_S, "0.005")))
    app_main()
