"""Gas: gates, regulators, chambers beside the mains, protection posts; LPG in hill towns."""

from collections import defaultdict
from itertools import pairwise

from tools.city_generator.gazetteer import Gazetteer, Town
from tools.city_generator.geography import Place, Street, chance, evenly
from tools.city_generator.network import Link, Network, Station, calibration, nearest, on_street, rounded
from tools.city_generator.words import Words, at, in_quarter

OPERATOR = "gas-operator"
FAR_INLET_MPA = {"110118101000": 0.28, "110118106000": 0.28}
"""Towns at the far end of the medium-pressure main, on higher ground."""
PAIR_M = 24.0
"""Two chambers of a pair lie so far to both sides of their middle."""
CHAMBER_ACCESS = Words("开盖前检测，双人作业", "test the air before opening, two people")
CARRIAGEWAY_ACCESS = Words(
    "车行道内，开盖前检测并摆放锥桶", "in the carriageway: test the air, set out cones before opening"
)


def gas(gazetteer: Gazetteer) -> Network:
    """All gas stations of the district."""
    network = Network("gas")
    for town in gazetteer.towns:
        _gates(network, town)
        _regulators(network, town)
        _chambers(network, town)
        _posts(network, town)
        _lpg(network, town)
    _feed(network, gazetteer)
    return network


def _mains(town: Town) -> list[Street]:
    return [street for street in town.streets if street.gas]


def _gates(network: Network, town: Town) -> None:
    for _ in range(town.has.get("gas_gate", 0)):
        roads = [street for street in _mains(town) if street.along == "ew"]
        street = max(roads, key=lambda road: (road.rank == "arterial", -road.at))
        station = Station(
            "gas_gate",
            town,
            OPERATOR,
            at(street.name),
            Words("燃气门站", "gas city gate"),
            street.beside(0.03, 90),
            road=street.road,
            staffed=True,
            access=Words("24小时值守，登记入站，严禁烟火", "staffed day and night, sign in, no flames"),
        )
        calibration(station, ("station_ch4_pct_lel", "co_room_mg_m3"))
        network.stations.append(station)


def _regulators(network: Network, town: Town) -> None:
    count = town.has.get("gas_regulator", 0)
    by_road = (count + 1) // 2
    for place in evenly(_mains(town), by_road, 0.4):
        _regulator(network, town, place, count)
    for name, spot in town.quarters[: count - by_road]:
        station = Station(
            "gas_regulator",
            town,
            OPERATOR,
            in_quarter(name),
            Words("燃气调压柜", "gas regulator cabinet"),
            spot.moved(0.04, -0.03),
            access=Words("柜门钥匙在燃气值班室", "key at the gas duty office"),
        )
        _equip(network, station, count)


def _regulator(network: Network, town: Town, place: Place, count: int) -> None:
    station = Station(
        "gas_regulator",
        town,
        OPERATOR,
        on_street(place, town),
        Words("燃气调压站", "gas regulator station"),
        place.street.beside(place.share, 22),
        road=place.street.road,
        access=Words("钥匙在燃气值班室，入内先通风检测", "key at the gas duty office; air and test first"),
    )
    _equip(network, station, count)


def _equip(network: Network, station: Station, count: int) -> None:
    inlet = FAR_INLET_MPA.get(station.town.code)
    if inlet is not None:
        station.points["inlet_pressure_mpa"] = {"reference": inlet}
    share = 0.5 + chance(*station.key, "people")
    station.people = rounded(0.8 * station.town.people / count * share, 10)
    calibration(station, ("station_ch4_pct_lel",))
    network.stations.append(station)


def _chambers(network: Network, town: Town) -> None:
    """Pairs of chambers along the mains, each chained to the next of its street."""
    count = town.has.get("gas_chamber", 0)
    by_street: dict[str, list[Station]] = defaultdict(list)
    for index, middle in enumerate(evenly(_mains(town), (count + 1) // 2)):
        for side in (-1, 1)[: count - 2 * index]:
            place = middle.shifted(side * PAIR_M)
            chamber = _chamber(town, place, side)
            network.stations.append(chamber)
            by_street[place.street.road].append(chamber)
    chains = list(by_street.values())
    for chain in chains:
        network.links += [Link("beside", one, [other]) for one, other in pairwise(chain)]
        if len(chain) == 1:
            others = [chamber for other in chains if other is not chain for chamber in other]
            network.links.append(Link("beside", chain[0], [nearest(chain[0].spot, others)]))


def _chamber(town: Town, place: Place, side: int) -> Station:
    in_road = place.street.rank == "arterial" and chance("lane", town.code, place.share) < 0.5
    chamber = Station(
        "gas_chamber",
        town,
        OPERATOR,
        on_street(place, town),
        Words("燃气阀井", "gas valve pit"),
        place.street.beside(place.share, side * (3.5 if in_road else 11)),
        road=place.street.road,
        traits=("carriageway",) if in_road else (),
        access=CARRIAGEWAY_ACCESS if in_road else CHAMBER_ACCESS,
    )
    calibration(chamber, ("ch4_pct_lel",))
    return chamber


def _posts(network: Network, town: Town) -> None:
    for place in evenly(_mains(town), town.has.get("cp_post", 0), 0.6):
        network.stations.append(
            Station(
                "cp_post",
                town,
                OPERATOR,
                on_street(place, town),
                Words("阴极保护测试桩", "cathodic protection post"),
                place.street.beside(place.share, -14),
                road=place.street.road,
                access=Words("路侧绿地内", "in the green beside the road"),
            )
        )


def _lpg(network: Network, town: Town) -> None:
    for _ in range(town.has.get("lpg_station", 0)):
        station = Station(
            "lpg_station",
            town,
            "lpg-operator",
            at(town.name),
            Words("液化石油气供应站", "LPG station"),
            town.centre.moved(-0.7, -0.5),
            staffed=True,
            people=rounded(0.5 * town.people, 100),
            access=Words("营业时间有人，夜间打值班电话", "staffed by day; call the duty phone at night"),
        )
        calibration(station, ("station_ch4_pct_lel",))
        network.stations.append(station)


def _feed(network: Network, gazetteer: Gazetteer) -> None:
    """The nearest gate feeds a town's regulators, behind the town's own valve."""
    gates = network.of("gas_gate")
    for town in gazetteer.towns:
        regulators = network.of("gas_regulator", town)
        if regulators:
            valve = Words(f"{town.name.zh}中压总阀", f"{town.name.en}, medium-pressure main valve")
            network.feeds(nearest(town.centre, gates), regulators, valve)
