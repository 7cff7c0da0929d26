"""How a long run's growth is found: in noise, beside a busy neighbour, and not where there is none."""

from dataclasses import replace
from random import Random

import pytest
from long.pieces import Piece, Sample, growth, growths, piece_of

QUIET = Piece(cpu_us=18.0, load_cpu_us=100.0, rss_mb=150.0, entries=144.0, behind_s=0.1)


@pytest.mark.parametrize("truly", [0.0, 0.1, 0.5, 4.0])
def test_a_straight_rise_is_found_as_it_is(truly: float) -> None:
    """From the first of ten values to the last."""
    values = [20.0 * (1 + truly * place / 9) for place in range(10)]
    assert growth(values) == pytest.approx(truly)


def test_two_bad_pieces_of_ten_make_no_growth() -> None:
    """A neighbour's work in the last two pieces is no growth, a true rise of a fifth beside it still is."""
    flat = [20.0] * 8 + [60.0, 45.0]
    rising = [20.0 * (1 + 0.2 * place / 9) for place in range(8)] + [60.0, 45.0]
    assert growth(flat) == pytest.approx(0.0)
    assert growth(rising) > 0.15


def test_noise_of_three_percent_stays_within_the_limit() -> None:
    """In 300 runs of ten pieces the growth of a tenth is hardly ever reached without any."""
    chance = Random(1)
    found = [growth([chance.gauss(20.0, 0.6) for _ in range(10)]) for _ in range(300)]
    assert sum(one > 0.1 for one in found) <= 3


def test_a_slower_machine_is_no_growth() -> None:
    """Monitor and load take half as long again towards the end: the monitor has not become slower."""
    pieces = [
        replace(QUIET, cpu_us=18.0 * slow, load_cpu_us=100.0 * slow)
        for slow in (1 + 0.5 * place / 9 for place in range(10))
    ]
    assert growths(pieces).cpu == pytest.approx(0.0, abs=1e-9)


def test_a_load_that_becomes_cheaper_is_no_growth() -> None:
    """The monitor needs as much as before, only whoever writes needs less."""
    pieces = [replace(QUIET, load_cpu_us=100.0 - 3 * place) for place in range(10)]
    assert growths(pieces).cpu == pytest.approx(0.0)


def test_a_monitor_that_slows_down_beside_a_steady_load_is_found() -> None:
    """Memory and Faust's entries are found each by itself."""
    pieces = [
        replace(QUIET, cpu_us=18.0 + place, rss_mb=150.0 + 2 * place, entries=144.0 + 300 * place)
        for place in range(10)
    ]
    found = growths(pieces)
    assert found.cpu == pytest.approx(0.5)
    assert found.rss == pytest.approx(0.12)
    assert found.entries > 10


def test_a_piece_takes_differences_and_medians() -> None:
    """A single moment of delay or memory does not make a piece."""
    one = Sample(cpu_s=10.0, readings=0, load_cpu_s=5.0, written=0, rss_mb=150.0, entries=144, behind_s=0.1)
    odd = replace(one, cpu_s=11.0, readings=50_000, written=1_000, rss_mb=170.0, behind_s=3.0)
    last = replace(one, cpu_s=12.0, readings=100_000, load_cpu_s=5.2, written=2_000)
    piece = piece_of([one, odd, last])
    assert piece.cpu_us == pytest.approx(20.0)
    assert piece.load_cpu_us == pytest.approx(100.0)
    assert replace(piece, cpu_us=QUIET.cpu_us, load_cpu_us=QUIET.load_cpu_us) == QUIET
