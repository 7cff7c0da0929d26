"""Ten seeds, of which each run draws some; or those that are given: MIYUN_WILD_SEEDS="3 14 15"."""

import os
import random

VARIABLE = "MIYUN_WILD_SEEDS"
TEN = (1, 2, 5, 6, 7, 8, 10, 11, 14, 16)
DRAWN = 2


def seeds(count: int = DRAWN) -> list[int]:
    """The given seeds; without any, so many of the ten."""
    given = os.environ.get(VARIABLE, "").split()
    return [int(one) for one in given] or random.SystemRandom().sample(TEN, count)
