"""Pumps that empty or fill a vessel in cycles: level and states are functions of the instant."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulators.networks.signal import Signal


@dataclass(frozen=True, slots=True)
class Cycle:
    """A vessel moves one way while its pump rests and the other way while it runs.

    A station's cycle lasts between ``minutes`` of the two; ``busy`` is the share of a cycle in which
    a pump runs, by what the consumers do when the cycle begins.
    """

    minutes: tuple[int, int]
    busy: Callable[[Signal, int], float]

    def length_ms(self, signal: Signal) -> int:
        """Whole seconds that the station keeps for good."""
        shortest, longest = self.minutes
        return (
            int(30_000 * (shortest + longest + (longest - shortest) * signal.trait("cycle"))) // 1000 * 1000
        )

    def number(self, signal: Signal, at_ms: int) -> int:
        """The number of cycles begun since 1970."""
        return at_ms // self.length_ms(signal)

    def span(self, signal: Signal, number: int) -> tuple[int, int, int]:
        """The begin of a cycle, the start of its pump and its stop, at which the next cycle begins."""
        length = self.length_ms(signal)
        begins = number * length
        rests = round((1 - self.busy(signal, begins)) * length / 1000) * 1000
        return begins, begins + rests, begins + length

    def filled(self, signal: Signal, at_ms: int) -> float:
        """In [0, 1]: rises while the pump rests, falls while it runs."""
        begins, starts, stops = self.span(signal, self.number(signal, at_ms))
        if at_ms < starts:
            return (at_ms - begins) / (starts - begins)
        return (stops - at_ms) / (stops - starts)


@dataclass(frozen=True, slots=True)
class CyclingPump:
    """Pump ``turn`` of ``pumps`` that take turns, cycle by cycle: 1 while it runs, 0 in between."""

    cycle: Cycle
    turn: int = 0
    pumps: int = 1

    def __call__(self, signal: Signal, at_ms: int) -> float:
        """The state."""
        number = self.cycle.number(signal, at_ms)
        return float(self._mine(number) and at_ms >= self.cycle.span(signal, number)[1])

    def changes(self, signal: Signal, after_ms: int, until_ms: int) -> Iterable[int]:
        """Starts and stops."""
        first, last = self.cycle.number(signal, after_ms), self.cycle.number(signal, until_ms)
        for number in filter(self._mine, range(first - 1, last + 1)):
            for at in self.cycle.span(signal, number)[1:]:
                if after_ms < at <= until_ms:
                    yield at

    def _mine(self, number: int) -> bool:
        return number % self.pumps == self.turn
