"""The weather of a North China winter: outdoor temperature as a function of city time.

Shape: the warmest day around 25 July, the coldest around 24 January; the day's minimum at sunrise,
its maximum at 15:00; cold spells that last some days. Figures: judgement (DOMAIN 9 and 12).
"""

import math

from simulators.chance import Chance
from simulators.moment import HOUR_MS, Moment

YEAR_MEAN_C = 11.0
YEAR_SWING_C = 15.5
COLDEST_DAY = 24
DAY_SWING_C = 5.0
WARMEST_HOUR = 15.0
SPELL_C = 3.0


def outdoor_c(chance: Chance, moment: Moment) -> float:
    """The air temperature of the district, °C, without an instrument's noise."""
    season = -math.cos(2 * math.pi * (moment.day_of_year - COLDEST_DAY) / 365.25)
    day = math.cos(2 * math.pi * (moment.hour - WARMEST_HOUR) / 24)
    spell = chance.wander("spell", moment.at_ms, 60 * HOUR_MS)
    return YEAR_MEAN_C + YEAR_SWING_C * season + DAY_SWING_C * day + SPELL_C * spell
