"""An engine that takes its time over each frame: how a backlog is made, on purpose."""

import time
from pathlib import Path

from schemas.events import Event, Telemetry
from services.rules import engine
from services.rules.effects import Cause
from services.rules.judging_plan import JudgingPlan
from services.rules.state import StationState


def prelude(pause_s: float) -> str:
    """Code that slows a process down."""
    tests = str(Path(__file__).parents[1])
    return f"import sys; sys.path.append({tests!r}); from {__name__} import slow_down; slow_down({pause_s})"


def slow_down(pause_s: float) -> None:
    """Let the engine stand still before it judges a frame. Like a busy engine, it keeps the event loop."""
    quick = engine.step

    def slow(state: StationState, event: Event, cause: Cause, plan: JudgingPlan) -> engine.Step:
        if isinstance(event, Telemetry):
            time.sleep(pause_s)
        return quick(state, event, cause, plan)

    engine.step = slow
