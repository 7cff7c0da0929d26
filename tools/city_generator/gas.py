"""Gas: gates, regulators, chambers beside the mains, protection posts; LPG in hill towns."""

from collections import defaultdict
from itertools import pairwise

from tools.city_generator.gazetteer import Gazetteer, Township
from tools.city_generator.geography import Street, StreetPosition, chance, evenly
from tools.city_generator.network import (
    Facility,
    Network,
    Relation,
    by_street,
    in_quarter,
    nearest,
    rounded,
)
from tools.city_generator.words import at, bilingual

OPERATOR = "gas-operator"
FAR_INLET_MPA = {"110118101000": 0.28, "110118106000": 0.28}
"""Towns at the far end of the medium-pressure main, on higher ground."""
PAIR_M = 24.0
"""Two chambers of a pair lie so far to both sides of their middle."""


def gas(gazetteer: Gazetteer) -> Network:
    """All gas facilities of the district."""
    network = Network("gas")
    for town in gazetteer.towns:
        _gates(network, town)
        _regulators(network, town)
        _chambers(network, town)
        for place in evenly(_mains(town), town.has.get("cp_post", 0), 0.6):
            network.add(by_street("cp_post", town, OPERATOR, place, -14))
        for _ in range(town.has.get("lpg_station", 0)):
            spot = town.centre.moved(-0.7, -0.5)
            lpg = network.add(Facility("lpg_station", town, "lpg-operator", at(town.name), spot))
            lpg.people = rounded(0.5 * town.people, 100)
    _feed(network, gazetteer)
    return network


def _mains(town: Township) -> list[Street]:
    return [street for street in town.streets if street.gas]


def _gates(network: Network, town: Township) -> None:
    for _ in range(town.has.get("gas_gate", 0)):
        roads = [street for street in _mains(town) if street.along == "ew"]
        street = max(roads, key=lambda road: (road.rank == "arterial", -road.at))
        spot = street.beside(0.03, 90)
        network.add(Facility("gas_gate", town, OPERATOR, at(street.name), spot, road=street.road))


def _regulators(network: Network, town: Township) -> None:
    """Half of them by the mains, the others as cabinets in quarters."""
    count = town.has.get("gas_regulator", 0)
    on_mains = (count + 1) // 2
    regulators = [
        by_street("gas_regulator", town, OPERATOR, place, 22) for place in evenly(_mains(town), on_mains, 0.4)
    ]
    for quarter in town.quarters[: count - on_mains]:
        cabinet = in_quarter("gas_regulator", town, OPERATOR, quarter, 0.04, -0.03)
        cabinet.variety = "gas_regulator_cabinet"
        regulators.append(cabinet)
    for regulator in regulators:
        if town.code in FAR_INLET_MPA:
            regulator.points["inlet_pressure_mpa"] = {"reference": FAR_INLET_MPA[town.code]}
        share = 0.5 + chance(*regulator.key, "people")
        regulator.people = rounded(0.8 * town.people / count * share, 10)
        network.add(regulator)


def _chambers(network: Network, town: Township) -> None:
    """Pairs of chambers along the mains, each chained to the next of its street."""
    count = town.has.get("gas_chamber", 0)
    by_road: dict[str, list[Facility]] = defaultdict(list)
    for index, middle in enumerate(evenly(_mains(town), (count + 1) // 2)):
        for side in (-1, 1)[: count - 2 * index]:
            place = middle.shifted(side * PAIR_M)
            by_road[place.street.road].append(network.add(_chamber(town, place, side)))
    chains = list(by_road.values())
    for chain in chains:
        network.relations += [Relation("beside", one, [other]) for one, other in pairwise(chain)]
        if len(chain) == 1:
            others = [chamber for other in chains if other is not chain for chamber in other]
            neighbour = nearest(chain[0].spot, others)
            network.relations.append(Relation("beside", chain[0], [neighbour]))


def _chamber(town: Township, place: StreetPosition, side: int) -> Facility:
    in_road = place.street.rank == "arterial" and chance("lane", town.code, place.share) < 0.5
    metres = side * (3.5 if in_road else 11)
    return by_street("gas_chamber", town, OPERATOR, place, metres, in_road=in_road)


def _feed(network: Network, gazetteer: Gazetteer) -> None:
    """The nearest gate feeds a town's regulators, behind the town's own valve."""
    gates = network.of("gas_gate")
    for town in gazetteer.towns:
        valve = bilingual(f"{town.name.zh}中压总阀", f"{town.name.en}, medium-pressure main valve")
        network.feeds(nearest(town.centre, gates), network.of("gas_regulator", town), valve)
