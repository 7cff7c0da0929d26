"""Recorded values reach the point's unit exactly, or not at all."""

import pytest

from simulators.running.recording import UnknownConversionError, conversion


@pytest.mark.parametrize(
    ("origin", "target", "value", "expected"),
    [
        ("degF", "degC", 32.0, 0.0),
        ("degF", "°C", 212.0, 100.0),
        ("K", "℃", 273.15, 0.0),
        ("degC", "degF", -40.0, -40.0),
        ("degC", "degC", 21.123456789012, 21.123456789012),
        ("psi", "kPa", 1.0, 6.894757293),
        ("kPa", "MPa", 80.0, 0.08),
        ("bar", "MPa", 3.0, 0.3),
        ("MPa", "bar", 0.25, 2.5),
        ("%LEL", "%LEL", 12.0, 12.0),
    ],
)
def test_known_pairs_convert(origin: str, target: str, value: float, expected: float) -> None:
    """Freezing point, boiling point and the pressure units come out as every table has them."""
    assert conversion(origin, target)(value) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("origin", "target"), [("degF", "MPa"), ("furlong", "m"), ("psi", "%LEL")])
def test_unknown_pairs_are_refused_by_name(origin: str, target: str) -> None:
    """A pair that does not measure the same is an error that names both units."""
    with pytest.raises(UnknownConversionError, match=f"from {origin} to {target}"):
        conversion(origin, target)
