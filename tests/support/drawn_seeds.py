"""Seeds that are drawn anew at every run, or given: MIYUN_WILD_SEEDS="3 14 15"."""

import os
import random

VARIABLE = "MIYUN_WILD_SEEDS"
DRAWN = 2


def seeds(count: int = DRAWN) -> list[int]:
    """The given seeds; without any, so many that nobody has chosen."""
    given = os.environ.get(VARIABLE, "").split()
    return [int(one) for one in given] or random.SystemRandom().sample(range(1, 1_000_000), count)
