"""Chance is a function of seed, names and instant: nothing is remembered."""

from itertools import pairwise
from statistics import fmean, pstdev

from simulators.networks.chance import Chance

HOUR_MS = 3_600_000


def test_the_same_seed_and_instant_give_the_same_number() -> None:
    """Two objects agree; another seed, station, name or instant does not."""
    one, twin = Chance(7, "gas-1"), Chance(7, "gas-1")
    assert one.noise("p", 1_000) == twin.noise("p", 1_000)
    others = [Chance(8, "gas-1").noise("p", 1_000), Chance(7, "gas-2").noise("p", 1_000)]
    others += [one.noise("q", 1_000), one.noise("p", 1_001)]
    assert one.noise("p", 1_000) not in others


def test_noise_is_about_normal_and_bounded() -> None:
    """Mean 0, deviation 1, nothing beyond 3.5: limits can be kept for certain."""
    drawn = [Chance(1, "s").noise("p", at) for at in range(5_000)]
    assert abs(fmean(drawn)) < 0.05
    assert 0.95 < pstdev(drawn) < 1.05
    assert max(map(abs, drawn)) < 3.5


def test_wander_is_smooth_and_bounded() -> None:
    """Within a minute of a six-hour curve nothing jumps."""
    stream = Chance(1, "s").stream("p")
    curve = [stream.wander(at, 6 * HOUR_MS) for at in range(0, 48 * HOUR_MS, 60_000)]
    steps = [abs(b - a) for a, b in pairwise(curve)]
    assert max(map(abs, curve)) <= 1
    assert max(steps) < 0.01
    assert max(curve) - min(curve) > 0.5
