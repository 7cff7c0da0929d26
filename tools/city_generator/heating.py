"""District heating: sources, an exchanger for each quarter, and sampled homes behind each exchanger."""

from typing import Any

from tools.city_generator.gazetteer import Gazetteer, NamedSpot, Township
from tools.city_generator.geography import chance
from tools.city_generator.network import Facility, Network, in_quarter, nearest, rounded
from tools.city_generator.words import at, bilingual

URBAN, TOWN = "heat-operator-urban", "heat-operator-town"
TOWN_DESIGN_MPA = 1.0
"""The towns' own networks are built for 1.0 MPa, the urban one for 1.6 (the type's reference)."""
FLOOR_HEATED = ("园", "湾", "苑", "院", "新村")
"""Newer estates, which are called so, have floor heating; older ones radiators."""
M2_PER_PERSON = 36
ON_URBAN_NETWORK = frozenset({"110118103000"})
"""Towns beside the urban area that its network reaches."""


def heating(gazetteer: Gazetteer) -> Network:
    """All heating facilities of the district."""
    network = Network("heating")
    for town in gazetteer.towns:
        if "heat_source" in town.has:
            network.add(_source(town))
        quarters = town.quarters[: town.has.get("heat_exchanger", 0)]
        exchangers = [network.add(_exchanger(town, quarter)) for quarter in quarters]
        for exchanger, quarter in zip(exchangers, quarters, strict=True):
            homes = network.add(in_quarter("heat_homes", town, exchanger.owner, quarter, -0.05, 0.08))
            network.feeds(exchanger, [homes])
    _feed(network, gazetteer)
    return network


def _owner(town: Township) -> str:
    return URBAN if town.urban or town.code in ON_URBAN_NETWORK else TOWN


def _design(town: Township, point: str) -> dict[str, dict[str, Any]]:
    """Returns the pressure's own reference, where it is not the type's."""
    return {} if _owner(town) == URBAN else {point: {"reference": TOWN_DESIGN_MPA}}


def _source(town: Township) -> Facility:
    """By the town's most important street north, at its end."""
    streets = [street for street in town.streets if street.along == "ns"]
    street = max(streets, key=lambda s: (s.rank in ("arterial", "country"), s.end))
    label, spot = at(street.name), street.beside(0.97, 120)
    points = _design(town, "supply_pressure_mpa")
    return Facility("heat_source", town, _owner(town), label, spot, road=street.road, points=points)


def _exchanger(town: Township, quarter: NamedSpot) -> Facility:
    name = quarter[0].zh
    type_ = "heat_exchanger_floor" if name.endswith(FLOOR_HEATED) else "heat_exchanger_radiator"
    exchanger = in_quarter(type_, town, _owner(town), quarter, 0.02, 0.02)
    exchanger.m2 = rounded(60_000 + 90_000 * chance("m2", town.code, name), 1_000)
    exchanger.people = rounded(exchanger.m2 / M2_PER_PERSON, 10)
    exchanger.points = _design(town, "primary_supply_pressure_mpa")
    return exchanger


def _feed(network: Network, gazetteer: Gazetteer) -> None:
    """A town's own source feeds its exchangers; the urban sources share the urban network by distance."""
    sources = network.of("heat_source")
    for town in gazetteer.towns:
        mine = [f for f in network.facilities if f.town == town and f.type.startswith("heat_exchanger")]
        near = [source for source in sources if source.town == town and source.owner == TOWN]
        feeders = near or [source for source in sources if source.owner == URBAN]
        for source in feeders:
            served = [facility for facility in mine if nearest(facility.spot, feeders) is source]
            valve = bilingual(
                f"{source.label.name.zh}热源至{town.name.zh}分段阀",
                f"section valve from {source.label.name.en} heat plant to {town.name.en}",
            )
            network.feeds(source, served, valve)
            source.m2 += sum(facility.m2 for facility in served)
    for source in sources:
        source.people = rounded(source.m2 / M2_PER_PERSON, 100)
