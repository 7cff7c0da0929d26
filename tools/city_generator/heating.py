"""District heating: sources, an exchanger for each quarter, and sampled homes behind each exchanger."""

from tools.city_generator.gazetteer import Gazetteer, Town
from tools.city_generator.geography import Spot, Street, chance
from tools.city_generator.network import Network, Station, nearest, rounded
from tools.city_generator.words import Words, at, in_quarter

URBAN, TOWN = "heat-operator-urban", "heat-operator-town"
TOWN_DESIGN_MPA = 1.0
"""The towns' own networks are built for 1.0 MPa, the urban one for 1.6 (the type's reference)."""
FLOOR_HEATED = ("园", "湾", "苑", "院", "新村")
"""Newer estates, which are called so, have floor heating; older ones radiators."""
M2_PER_PERSON = 36
ON_URBAN_NETWORK = frozenset({"110118103000"})
"""Towns beside the urban area that its network reaches."""


def heating(gazetteer: Gazetteer) -> Network:
    """All heating stations of the district."""
    network = Network("heating")
    for town in gazetteer.towns:
        if "heat_source" in town.has:
            network.stations.append(_source(town))
        homes = []
        for name, spot in town.quarters[: town.has.get("heat_exchanger", 0)]:
            exchanger = _exchanger(town, name, spot)
            home = Station(
                "heat_homes",
                town,
                exchanger.owner,
                in_quarter(name),
                Words("测温用户", "sampled homes"),
                spot.moved(-0.05, 0.08),
                access=Words("入户先与物业联系", "call the property office before a visit"),
            )
            network.stations.append(exchanger)
            homes.append(home)
            network.feeds(exchanger, [home])
        network.stations += homes
    _feed(network, gazetteer)
    return network


def _owner(town: Town) -> str:
    return URBAN if town.urban or town.code in ON_URBAN_NETWORK else TOWN


def _source(town: Town) -> Station:
    street = _north_end(town)
    return Station(
        "heat_source",
        town,
        _owner(town),
        at(street.name),
        Words("热源厂", "heat plant"),
        street.beside(0.97, 120),
        road=street.road,
        staffed=True,
        access=Words("24小时值守，凭证入厂", "staffed day and night, pass needed"),
        points={} if _owner(town) == URBAN else {"supply_pressure_mpa": {"reference": TOWN_DESIGN_MPA}},
    )


def _north_end(town: Town) -> Street:
    """The street by which a heat plant stands: the town's most important one north."""
    streets = [street for street in town.streets if street.along == "ns"]
    return max(streets, key=lambda s: (s.rank in ("arterial", "country"), s.end))


def _exchanger(town: Town, name: Words, spot: Spot) -> Station:
    floor = name.zh.endswith(FLOOR_HEATED)
    m2 = rounded(60_000 + 90_000 * chance("m2", town.code, name.zh), 1_000)
    return Station(
        "heat_exchanger_floor" if floor else "heat_exchanger_radiator",
        town,
        _owner(town),
        in_quarter(name),
        Words("换热站", "heat exchanger"),
        spot.moved(0.02, 0.02),
        m2=m2,
        people=rounded(m2 / M2_PER_PERSON, 10),
        access=Words("地下一层，钥匙在物业值班室", "basement, key at the property office")
        if floor
        else Words("独立站房，钥匙在供热值班室", "building of its own, key at the heating duty office"),
        points={}
        if _owner(town) == URBAN
        else {"primary_supply_pressure_mpa": {"reference": TOWN_DESIGN_MPA}},
    )


def _feed(network: Network, gazetteer: Gazetteer) -> None:
    """A town's own source feeds its exchangers; the urban sources share the urban network by distance."""
    sources = network.of("heat_source")
    for town in gazetteer.towns:
        mine = [s for s in network.stations if s.town == town and s.type.startswith("heat_exchanger")]
        near = [s for s in sources if s.town == town and s.owner == TOWN]
        fed = near or [s for s in sources if s.owner == URBAN]
        for source in fed:
            served = [station for station in mine if nearest(station.spot, fed) is source]
            valve = Words(
                f"{source.label.name.zh}热源至{town.name.zh}分段阀",
                f"section valve from {source.label.name.en} heat plant to {town.name.en}",
            )
            network.feeds(source, served, valve)
            source.m2 = (source.m2 or 0) + sum(station.m2 or 0 for station in served)
    for source in sources:
        source.people = rounded((source.m2 or 0) / M2_PER_PERSON, 100)
