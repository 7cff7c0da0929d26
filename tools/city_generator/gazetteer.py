"""The gazetteer as objects: towns with their streets, quarters and landmarks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.base import KM_PER_DEGREE, Bilingual
from tools.city_generator.geography import Spot, Street, spread
from tools.city_generator.words import bilingual

SIDE_STREET_KM = 0.3
"""Streets of a town cross its through road so far from each other."""
NamedSpot = tuple[Bilingual, Spot]
"""A quarter, a village or a landmark."""


@dataclass(frozen=True, slots=True)
class Township:
    """A town. ``has``: how many stations of each type stand there; ``urban``: a part of the urban area."""

    code: str
    name: Bilingual
    centre: Spot
    source: str
    people: int
    has: Mapping[str, int]
    urban: bool
    streets: tuple[Street, ...]
    quarters: tuple[NamedSpot, ...]
    landmarks: tuple[NamedSpot, ...]

    @property
    def short(self) -> str:
        """Its code as station ids bear it."""
        return self.code[:9]

    @property
    def served(self) -> Bilingual:
        """The area that a facility is named after which serves a whole town, or the urban area."""
        return bilingual("密云城区", "Miyun urban area") if self.urban else self.name

    def operator(self, system: str) -> str:
        """The id of the organisation that runs a system here."""
        return f"{system}-operator-{'urban' if self.urban else 'town'}"


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All that is known of the district."""

    towns: tuple[Township, ...]
    underpasses: Mapping[str, list[list[Any]]]
    lake_water: frozenset[str]
    key_users: tuple[list[Any], ...]


def load(file: Path) -> Gazetteer:
    """Read a gazetteer such as ``gazetteer.yaml``."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    urban = tuple(_urban_street(street) for street in data["urban_roads"])
    return Gazetteer(
        towns=tuple(_town(town, urban) for town in data["towns"]),
        underpasses=data["underpasses"],
        lake_water=frozenset(data["lake_water"]),
        key_users=tuple(data["key_users"]),
    )


def _urban_street(street: Mapping[str, Any]) -> Street:
    fields = {key: value for key, value in street.items() if key not in ("id", "zh", "en")}
    return Street(road=street["id"], name=bilingual(street["zh"], street["en"]), **fields)


def _town(town: Mapping[str, Any], urban: tuple[Street, ...]) -> Township:
    centre = Spot(town["lat"], town["lon"])
    middle = Spot(*town["spread_at"]) if "spread_at" in town else centre
    names = [bilingual(*quarter) for quarter in town["quarters"]]
    own = tuple(street for street in urban if street.town == town["code"])
    return Township(
        code=town["code"],
        name=bilingual(town["zh"], town["en"]),
        centre=centre,
        source=town["source"],
        people=town["people"],
        has=town["has"],
        urban=bool(own),
        streets=own or tuple(_town_streets(town)),
        quarters=tuple(zip(names, spread(middle, town["spread_km"], len(names)), strict=True)),
        landmarks=tuple((bilingual(zh, en), centre.moved(*km)) for zh, en, *km in town["landmarks"]),
    )


def _town_streets(town: Mapping[str, Any]) -> Iterator[Street]:
    """The through road, 0.9 km to both sides of the centre, and the streets that cross it."""
    gas, sewer = ("gas_chamber" in town["has"], "sewer_manhole" in town["has"])
    road, zh, en, along = town["through"]
    across = "ew" if along == "ns" else "ns"
    at, middle = (town["lon"], town["lat"]) if along == "ns" else (town["lat"], town["lon"])
    half, narrow = 0.9 / KM_PER_DEGREE, 0.4 / KM_PER_DEGREE
    yield Street(
        road, bilingual(zh, en), "country", town["code"], along, at, middle - half, middle + half, gas, sewer
    )
    slug = town["en"].split()[0].lower()
    for index, (id_, street_zh, street_en) in enumerate(town["streets"]):
        off = (0, 1, -1)[index] * SIDE_STREET_KM / KM_PER_DEGREE
        yield Street(
            f"{slug}-{id_}",
            bilingual(street_zh, street_en),
            "branch",
            town["code"],
            across,
            round(middle + off, 5),
            at - narrow,
            at + narrow,
            gas and index < 2,
            sewer and index < 2,
        )
