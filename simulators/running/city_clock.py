"""City time: as fast as the wall's, but only while the city can send."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Self

from schemas.headers import time_ms
from services.runtime.settings import Settings
from simulators.networks.time_of_day import HOUR_MS

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The beginnings of a run, in epoch ms of city time."""

    begin_ms: int
    """Of the log."""
    start_ms: int
    """Of life in real time."""
    resume_ms: int
    """City time goes on from here: where the log ends, or its beginning."""
    history_is_open: bool
    """History has yet to be made, or to be judged: nothing later stands on the log."""

    @classmethod
    def of(cls, settings: Settings, last_ms: int | None) -> Self:
        """The times of a run over a log that has come to ``last_ms`` (None: nowhere yet)."""
        start = time_ms(settings.city_start)
        begin = start - round(settings.history_hours * HOUR_MS)
        resumed = begin if last_ms is None else last_ms - last_ms % 1000 + 1000
        open_ = settings.history_hours > 0 and (last_ms is None or last_ms <= start)
        return cls(begin_ms=begin, start_ms=start, resume_ms=max(begin, resumed), history_is_open=open_)
