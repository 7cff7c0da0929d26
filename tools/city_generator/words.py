"""Words in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Label:
    """How people call a place, and how they write it down as an address inside a town."""

    name: Words
    address: Words


def in_quarter(quarter: Words) -> Label:
    """A place inside a quarter or a village."""
    return Label(quarter, Words(f"{quarter.zh}内", f"in {quarter.en}"))


def at(place: Words) -> Label:
    """A place that has a name of its own."""
    return Label(place, place)
