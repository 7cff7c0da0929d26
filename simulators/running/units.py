"""Conversion of recorded values to a point's unit: exact factors, value * scale + shift."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conversion:
    """``converted = value * scale + shift``, rounded to nine digits against the noise of binary."""

    scale: float
    shift: float = 0.0

    def __call__(self, value: float) -> float:
        """The value in the other unit."""
        if self.scale == 1.0 and self.shift == 0.0:
            return value
        return round(value * self.scale + self.shift, 9)


class UnknownConversionError(Exception):
    """There is no conversion between the two units; the message names those that there are."""


ALIASES = {"°C": "degC", "C": "degC", "℃": "degC", "°F": "degF", "F": "degF", "℉": "degF"}
_TO_KELVIN = {"K": (1.0, 0.0), "degC": (1.0, 273.15), "degF": (5 / 9, 459.67 * 5 / 9)}
_TO_PASCAL = {"Pa": 1.0, "kPa": 1e3, "MPa": 1e6, "bar": 1e5, "psi": 6_894.757293168}


def conversion(origin: str, target: str) -> Conversion:
    """How to come from ``origin`` to ``target``.

    Raises:
        UnknownConversionError: the units do not measure the same, or one is unknown.
    """
    start, end = ALIASES.get(origin, origin), ALIASES.get(target, target)
    if start == end:
        return Conversion(1.0)
    if start in _TO_KELVIN and end in _TO_KELVIN:
        (scale, shift), (end_scale, end_shift) = _TO_KELVIN[start], _TO_KELVIN[end]
        return Conversion(scale / end_scale, (shift - end_shift) / end_scale)
    if start in _TO_PASCAL and end in _TO_PASCAL:
        return Conversion(_TO_PASCAL[start] / _TO_PASCAL[end])
    temperatures, pressures = "/".join(_TO_KELVIN), "/".join(_TO_PASCAL)
    raise UnknownConversionError(
        f"no conversion from {origin} to {target}: there are {temperatures} and {pressures}"
    )
