"""The simulator's answer on /readyz."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from schemas.headers import time_text
from services.runtime.web import Health

Absent = Literal["broker", "topics", "plan"]


@dataclass(slots=True)
class History:
    """The progress of the city's history; ``share`` of it is generated."""

    share: float = 0.0
    to_go: int | None = None
    """Records that monitor and recorder have still to take, once all is generated."""


@dataclass(slots=True)
class CityHealth:
    """The thing that the simulator waits for (None: nothing), and city time so far (epoch ms)."""

    waiting_for: Absent | Literal["history"] | None = "broker"
    city_ms: int | None = None
    time_zone: str | None = None
    """The plan's, in which the city lives."""
    stations: int = 0
    broker_away: Callable[[], bool] = lambda: False
    history: History | None = None
    scene: tuple[str, int] | None = None
    """The scene that was started last, and when it begins (epoch ms of city time)."""

    async def check(self) -> Health:
        """Ready when it waits for nothing."""
        reasons = [] if self.waiting_for is None else [f"waiting for {self.waiting_for}"]
        if self.broker_away():
            reasons.append("broker away: city time stands still")
        details = {
            "city_time": None if self.city_ms is None else time_text(self.city_ms),
            "time_zone": self.time_zone,
            "stations": self.stations,
            "history": None if self.history is None else asdict(self.history),
            "scene": self.scene and {"name": self.scene[0], "begins": time_text(self.scene[1])},
        }
        return Health(tuple(reasons), details)
