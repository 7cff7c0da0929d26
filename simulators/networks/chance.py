"""Chance without state: the same seed, names and instant give the same number, on any machine.

So a simulator that stops and resumes continues the curves that it drew before.
"""

from dataclasses import dataclass
from hashlib import blake2b

_WORD = (1 << 64) - 1
_PART = (1 << 16) - 1
_NORMAL_SCALE = 3**0.5 / _PART
"""The sum of four uniform numbers of [-0.5, 0.5] has the variance 4/12."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Numbers by number (an instant, say): the finaliser of splitmix64 (Steele et al., OOPSLA 2014)."""

    key: int

    def word(self, number: int) -> int:
        """64 mixed bits."""
        mixed = (self.key + number * 0x9E3779B97F4A7C15) & _WORD
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
        return mixed ^ (mixed >> 31)

    def uniform(self, number: int) -> float:
        """A number in [0, 1)."""
        return (self.word(number) >> 11) / (1 << 53)

    def noise(self, number: int) -> float:
        """About normal with deviation 1, never beyond 3.5: a detector's noise at an instant."""
        bits = self.word(number)
        parts = (bits & _PART) + (bits >> 16 & _PART) + (bits >> 32 & _PART) + (bits >> 48)
        return (parts - 2 * _PART) * _NORMAL_SCALE

    def wander(self, at_ms: int, period_ms: int) -> float:
        """A smooth curve in [-1, 1] through a chance knot every ``period_ms``."""
        knot, into = divmod(at_ms, period_ms)
        left = 2 * self.uniform(knot) - 1
        right = 2 * self.uniform(knot + 1) - 1
        share = into / period_ms
        return left + (right - left) * share * share * (3 - 2 * share)


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of one station."""

    seed: int
    station: str

    def stream(self, *names: object) -> Stream:
        """The numbers that belong to these names; whoever draws often keeps it."""
        text = "\x1f".join(str(name) for name in (self.seed, self.station, *names))
        return Stream(int.from_bytes(blake2b(text.encode(), digest_size=8).digest()))

    def uniform(self, *names: object) -> float:
        """A number in [0, 1)."""
        return self.stream(*names).uniform(0)

    def trait(self, name: str) -> float:
        """A number in [-1, 1) that belongs to the station for good."""
        return 2 * self.uniform("trait", name) - 1

    def noise(self, name: str, at_ms: int) -> float:
        """``Stream.noise`` of a name."""
        return self.stream(name).noise(at_ms)
