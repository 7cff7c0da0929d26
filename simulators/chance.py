"""Chance without state: the same seed, names and instant give the same number, on any machine.

So a simulator that stops and resumes continues the curves that it drew before.
"""

from dataclasses import dataclass
from hashlib import blake2b
from struct import unpack

PARTS = 4
_NORMAL_SCALE = 3**0.5
"""The sum of four uniform numbers of [-0.5, 0.5] has the variance 4/12."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of one station."""

    seed: int
    station: str

    def uniform(self, *names: object) -> float:
        """A number in [0, 1)."""
        return self._parts(names)[0]

    def trait(self, name: str) -> float:
        """A number in [-1, 1) that belongs to the station for good."""
        return 2 * self.uniform("trait", name) - 1

    def noise(self, name: str, at_ms: int) -> float:
        """About normal with deviation 1, never beyond 3.5: a detector's noise at an instant."""
        return (sum(self._parts((name, at_ms))) - PARTS / 2) * _NORMAL_SCALE

    def wander(self, name: str, at_ms: int, period_ms: int) -> float:
        """A smooth curve in [-1, 1] through a chance knot every ``period_ms``."""
        knot, into = divmod(at_ms, period_ms)
        left = 2 * self.uniform(name, "knot", knot) - 1
        right = 2 * self.uniform(name, "knot", knot + 1) - 1
        share = into / period_ms
        smooth = share * share * (3 - 2 * share)
        return left + (right - left) * smooth

    def _parts(self, names: tuple[object, ...]) -> list[float]:
        text = "\x1f".join(str(name) for name in (self.seed, self.station, *names))
        digest = blake2b(text.encode(), digest_size=4 * PARTS).digest()
        return [part / 2**32 for part in unpack(f"<{PARTS}I", digest)]
