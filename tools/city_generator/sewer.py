"""Sewers: manholes that run down to pump stations, these to a plant; underpasses that flood."""

from tools.city_generator.gazetteer import Gazetteer, Town
from tools.city_generator.geography import Place, Spot, Street, chance, evenly
from tools.city_generator.network import Network, Station, calibration, nearest, on_street, rounded
from tools.city_generator.words import Words, at

OPERATOR, TOWN_OPERATOR = "sewer-operator-urban", "sewer-operator-town"
ROOM = ("h2s_room_mg_m3", "o2_room_pct", "ch4_room_pct_lel")
ENTRY = Words("有限空间，先检测后进入，双人作业", "confined space: test first, two people")
IN_CARRIAGEWAY = Words(
    "车行道内，开盖须摆放锥桶；有限空间，先检测",
    "in the carriageway: cones before opening; confined space, test first",
)


def sewer(gazetteer: Gazetteer) -> Network:
    """All sewer stations of the district."""
    network = Network("sewer")
    for town in gazetteer.towns:
        _plant(network, town)
        _pump_stations(network, town)
        _manholes(network, town)
        _underpasses(network, town, gazetteer)
    _feed(network, gazetteer)
    return network


def _owner(town: Town) -> str:
    return OPERATOR if town.urban else TOWN_OPERATOR


def _mains(town: Town) -> list[Street]:
    return [street for street in town.streets if street.sewer]


def _plant(network: Network, town: Town) -> None:
    for _ in range(town.has.get("sewage_plant", 0)):
        name = Words("密云城区", "Miyun urban area") if town.urban else town.name
        plant = Station(
            "sewage_plant",
            town,
            _owner(town),
            at(name),
            Words("污水处理厂", "sewage plant"),
            town.centre.moved(0.5, -1.5),
            staffed=True,
            people=0,
            access=Words("24小时值守，凭证入厂", "staffed day and night, pass needed"),
        )
        calibration(plant, ROOM)
        network.stations.append(plant)


def _pump_stations(network: Network, town: Town) -> None:
    """By the southernmost sewer: the ground falls to the rivers south."""
    count = town.has.get("sewer_pump_station", 0)
    mains = [street for street in _mains(town) if street.along == "ew"] or _mains(town)
    for place in evenly(sorted(mains, key=lambda street: street.at)[:1], count):
        pump = Station(
            "sewer_pump_station",
            town,
            _owner(town),
            on_street(place, town),
            Words("污水泵站", "sewage pump station"),
            place.street.beside(place.share, -45),
            road=place.street.road,
            people=rounded(0.7 * town.people / count, 100),
            access=ENTRY,
        )
        calibration(pump, ROOM)
        network.stations.append(pump)


def _manholes(network: Network, town: Town) -> None:
    for place in evenly(_mains(town), town.has.get("sewer_manhole", 0), 0.45):
        in_road = place.street.rank == "arterial" or chance("lane", town.code, place.share) < 0.3
        manhole = Station(
            "sewer_manhole",
            town,
            _owner(town),
            on_street(place, town),
            Words("污水检查井", "sewer manhole"),
            place.street.beside(place.share, 2.5 if in_road else 8),
            road=place.street.road,
            traits=("carriageway",) if in_road else (),
            access=IN_CARRIAGEWAY if in_road else ENTRY,
        )
        calibration(manhole, ("ch4_pct_lel", "h2s_mg_m3"))
        network.stations.append(manhole)


def _underpasses(network: Network, town: Town, gazetteer: Gazetteer) -> None:
    for road, zh, en, share in gazetteer.underpasses.get(town.code, ()):
        street = next(street for street in town.streets if street.road == road)
        place = Place(street, share)
        name = Words(f"{street.name.zh}下穿{zh}", f"{street.name.en} under {en}")
        network.stations.append(
            Station(
                "underpass",
                town,
                OPERATOR,
                at(name),
                Words("积水监测点", "ponding gauge"),
                place.street.beside(place.share, -5),
                road=road,
                traits=("carriageway",),
                access=Words("桥下辅路停车", "park on the side road under the bridge"),
            )
        )


def _feed(network: Network, gazetteer: Gazetteer) -> None:
    plants = network.of("sewage_plant")
    urban = next(plant for plant in plants if plant.town.urban)
    for town in gazetteer.towns:
        pumps = network.of("sewer_pump_station", town)
        manholes = network.of("sewer_manhole", town)
        for manhole in manholes:
            network.feeds(manhole, [_downstream(manhole, manholes, pumps)])
        plant = next((plant for plant in plants if plant.town == town), urban)
        for pump in pumps:
            name = pump.label.name
            network.feeds(
                pump, [plant], Words(f"{name.zh}泵站出水阀", f"{name.en}, pump station outlet valve")
            )
            plant.people = (plant.people or 0) + (pump.people or 0)


def _downstream(manhole: Station, manholes: list[Station], pumps: list[Station]) -> Station:
    """The nearest manhole that is nearer to the pump station, or else the pump station."""
    pump = nearest(manhole.spot, pumps)
    left = _metres(manhole.spot, pump)
    lower = [m for m in manholes if nearest(m.spot, pumps) is pump and _metres(m.spot, pump) < left - 20]
    return nearest(manhole.spot, [*lower, pump])


def _metres(spot: Spot, station: Station) -> float:
    return 1000 * spot.km_to(station.spot)
