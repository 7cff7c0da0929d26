"""City time: as fast as the wall's, but only while the city can send."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

MAX_STEP_MS = 2_000
"""Longest step of city time: wall time beyond it was spent waiting and does not count."""
GRAIN_MS = 500


@dataclass(slots=True)
class CityClock:
    """``now_ms`` is city time up to which everything has been sent."""

    now_ms: int
    wall: Callable[[], float] = monotonic
    marked: float | None = None

    def next_step(self) -> int:
        """City time to send up to now (a whole ``GRAIN_MS``); equals ``now_ms`` when too early."""
        here = self.wall()
        if self.marked is None:
            self.marked = here
        passed_ms = round((here - self.marked) * 1000)
        if passed_ms > MAX_STEP_MS:
            self.marked = here - MAX_STEP_MS / 1000
            passed_ms = MAX_STEP_MS
        return self.now_ms + passed_ms - passed_ms % GRAIN_MS

    def sent_up_to(self, city_ms: int) -> None:
        """Everything due until ``city_ms`` is on the log."""
        if self.marked is not None:
            self.marked += (city_ms - self.now_ms) / 1000
        self.now_ms = city_ms
