"""A long run cut into equal pieces, and how much a figure has grown from the first to the last of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median


@dataclass(frozen=True, slots=True)
class Sample:
    """A monitor under load, at a moment. CPU and readings are counted from the process's start."""

    cpu_s: float
    readings: float
    load_cpu_s: float
    """Of whoever writes the load: the same work for each record, so it tells how quick the machine is."""
    written: int
    rss_mb: float
    entries: float
    """In Faust's own containers."""
    behind_s: float


@dataclass(frozen=True, slots=True)
class Piece:
    """What a monitor needed in one part of the run."""

    cpu_us: float
    """Per reading."""
    load_cpu_us: float
    """Per record, of whoever writes the load."""
    rss_mb: float
    entries: float
    behind_s: float

    def __str__(self) -> str:
        return (
            f"{self.cpu_us:.2f} us of CPU per reading (load: {self.load_cpu_us:.0f} us per record), "
            f"{self.rss_mb:.1f} MB, {self.entries:.0f} entries of Faust's, {self.behind_s:.2f} s behind"
        )


def piece_of(samples: Sequence[Sample]) -> Piece:
    """Differences from the first sample to the last; medians of what a moment has."""
    first, last = samples[0], samples[-1]
    return Piece(
        cpu_us=(last.cpu_s - first.cpu_s) / (last.readings - first.readings) * 1e6,
        load_cpu_us=(last.load_cpu_s - first.load_cpu_s) / (last.written - first.written) * 1e6,
        rss_mb=median(sample.rss_mb for sample in samples),
        entries=median(sample.entries for sample in samples),
        behind_s=median(sample.behind_s for sample in samples),
    )


@dataclass(frozen=True, slots=True)
class Growths:
    """From the first piece to the last, as shares: 0.1 is a tenth more."""

    cpu: float
    """Per reading, as far as the load's own price does not explain it: a busy machine slows both."""
    rss: float
    entries: float

    def __str__(self) -> str:
        return (
            f"from the first piece to the last: CPU per reading {self.cpu:+.1%}, memory {self.rss:+.1%}, "
            f"Faust's entries {self.entries:+.1%}"
        )


def growths(pieces: Sequence[Piece]) -> Growths:
    """How much each figure grows along the pieces."""
    plain = growth([piece.cpu_us for piece in pieces])
    beside_load = growth([piece.cpu_us / piece.load_cpu_us for piece in pieces])
    return Growths(
        cpu=min(plain, beside_load),
        rss=growth([piece.rss_mb for piece in pieces]),
        entries=growth([piece.entries for piece in pieces]),
    )


def growth(values: Sequence[float]) -> float:
    """The growth along the median of the slopes between any two values (Theil and Sen).

    Up to two of ten values may be wrong by any amount and change little.
    """
    places = range(len(values))
    slope = median((values[j] - values[i]) / (j - i) for i, j in combinations(places, 2))
    first = median(value - slope * place for place, value in enumerate(values))
    return slope * (len(values) - 1) / first
