"""The weather of North China by area, as a function of city time: temperature, rain, wind.

Shape: the warmest day around 25 July, the coldest around 24 January; the day's minimum at sunrise,
its maximum at 15:00; cold spells that last some days; showers in summer, in winter none (snow is not
measured). Figures: judgement (DOMAIN 9 and 12).
"""

import math
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from simulators.networks.chance import Chance, Stream
from simulators.networks.time_of_day import HOUR_MS, MINUTE_MS, TimeOfDay

YEAR_MEAN_C = 11.0
YEAR_SWING_C = 15.5
COLDEST_DAY = 24
DAY_SWING_C = 5.0
WARMEST_HOUR = 15.0
SPELL_C = 3.0
AREA_C = 1.2
RAIN_FROM_C = 4.0
"""Below this mean of the season what falls is taken for snow."""
BLOCK_MS = 6 * HOUR_MS
"""At most one shower falls in each of these."""
RUN_OFF_MS = 15 * MINUTE_MS
KEPT = 0.6
"""The share of the water on the ground that is still there 15 minutes later."""
CACHED = 4_096


@dataclass(frozen=True, slots=True)
class Sky:
    """A minute's weather. ``wet_mm``: rain of the last two hours that has not run off."""

    outdoor_c: float
    season_c: float
    rain_mm_h: float
    wet_mm: float
    wind_m_s: float


@dataclass(slots=True)
class Weather:
    """The weather of one area; spells and showers are the district's, their strength the area's."""

    seed: int
    area: str
    zone: ZoneInfo
    cache: dict[int, Sky] = field(default_factory=dict)
    """By minute; all of it could be computed again."""
    spells: Stream = field(init=False)
    showers: Chance = field(init=False)
    winds: Stream = field(init=False)
    colder: float = field(init=False)
    rainier: float = field(init=False)

    def __post_init__(self) -> None:
        """Draw what stays."""
        area = Chance(self.seed, f"weather {self.area}")
        self.showers = Chance(self.seed, "weather")
        self.spells = self.showers.stream("spell")
        self.winds = area.stream("wind")
        self.colder = AREA_C * area.trait("colder")
        self.rainier = 1 + 0.4 * area.trait("rainier")

    def sky(self, at_ms: int) -> Sky:
        """The weather of the minute of ``at_ms`` (epoch ms)."""
        minute = at_ms // MINUTE_MS
        sky = self.cache.get(minute)
        if sky is None:
            if len(self.cache) >= CACHED:
                self.cache.clear()
            sky = self.cache[minute] = self._sky(TimeOfDay.of(at_ms, self.zone))
        return sky

    def _sky(self, now: TimeOfDay) -> Sky:
        season_c = season_mean_c(now)
        day = math.cos(2 * math.pi * (now.hour - WARMEST_HOUR) / 24)
        spell = self.spells.wander(now.at_ms, 60 * HOUR_MS)
        gusts = 0.5 * self.winds.wander(now.at_ms, HOUR_MS) + 0.3 * self.winds.wander(
            now.at_ms, 5 * MINUTE_MS
        )
        rains = [self._rain_mm_h(now.at_ms - k * RUN_OFF_MS, season_c) for k in range(8)]
        return Sky(
            outdoor_c=season_c + DAY_SWING_C * day + SPELL_C * spell + self.colder,
            season_c=season_c,
            rain_mm_h=rains[0],
            wet_mm=sum(rain * KEPT**k for k, rain in enumerate(rains)) * RUN_OFF_MS / HOUR_MS,
            wind_m_s=max(0.0, 2.5 + 0.8 * day + 2 * gusts),
        )

    def _rain_mm_h(self, at_ms: int, season_c: float) -> float:
        """A shower swells and fades as the square of a sine."""
        warm = (season_c - RAIN_FROM_C) / (YEAR_MEAN_C + YEAR_SWING_C - RAIN_FROM_C)
        if warm <= 0:
            return 0.0
        block, into = divmod(at_ms, BLOCK_MS)
        shower = self.showers.stream("shower", block)
        if shower.uniform(0) >= 0.02 + 0.2 * warm**2:
            return 0.0
        lasts = (20 + 120 * shower.uniform(1)) * MINUTE_MS
        share = (into - (BLOCK_MS - lasts) * shower.uniform(2)) / lasts
        if not 0 < share < 1:
            return 0.0
        peak = (2 + 28 * shower.uniform(3) ** 3) * (0.3 + 0.7 * warm) * self.rainier
        return float(peak * math.sin(math.pi * share) ** 2)


def season_mean_c(now: TimeOfDay) -> float:
    """The district's mean temperature on a day of the year, °C."""
    season = -math.cos(2 * math.pi * (now.day_of_year - COLDEST_DAY) / 365.25)
    return YEAR_MEAN_C + YEAR_SWING_C * season
