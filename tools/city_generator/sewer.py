"""Sewers: manholes that run down to pump stations, these to a plant; underpasses that flood."""

from tools.city_generator.gazetteer import Gazetteer, Township
from tools.city_generator.geography import Spot, Street, chance, evenly
from tools.city_generator.network import Facility, Network, by_street, nearest, rounded
from tools.city_generator.words import at, bilingual


def sewer(gazetteer: Gazetteer) -> Network:
    """All sewer facilities of the district."""
    network = Network("sewer")
    for town in gazetteer.towns:
        for _ in range(town.has.get("sewage_plant", 0)):
            spot = town.centre.moved(0.5, -1.5)
            network.add(Facility("sewage_plant", town, town.operator("sewer"), at(town.served), spot))
        _pump_stations(network, town)
        _manholes(network, town)
        _underpasses(network, town, gazetteer)
    _feed(network, gazetteer)
    return network


def _mains(town: Township) -> list[Street]:
    return [street for street in town.streets if street.sewer]


def _pump_stations(network: Network, town: Township) -> None:
    """By the southernmost sewer: the ground falls to the rivers south."""
    count = town.has.get("sewer_pump_station", 0)
    mains = [street for street in _mains(town) if street.along == "ew"] or _mains(town)
    for place in evenly(sorted(mains, key=lambda street: street.at)[:1], count):
        pump = network.add(by_street("sewer_pump_station", town, town.operator("sewer"), place, -45))
        pump.people = rounded(0.7 * town.people / count, 100)


def _manholes(network: Network, town: Township) -> None:
    for place in evenly(_mains(town), town.has.get("sewer_manhole", 0), 0.45):
        in_road = place.street.rank == "arterial" or chance("lane", town.code, place.share) < 0.3
        metres = 2.5 if in_road else 8
        network.add(by_street("sewer_manhole", town, town.operator("sewer"), place, metres, in_road=in_road))


def _underpasses(network: Network, town: Township, gazetteer: Gazetteer) -> None:
    for road, zh, en, share in gazetteer.underpasses.get(town.code, ()):
        street = next(street for street in town.streets if street.road == road)
        label = at(bilingual(f"{street.name.zh}下穿{zh}", f"{street.name.en} under {en}"))
        spot, traits = street.beside(share, -5), ("carriageway",)
        network.add(
            Facility("underpass", town, "sewer-operator-urban", label, spot, road=road, traits=traits)
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
            valve = bilingual(f"{name.zh}泵站出水阀", f"{name.en}, pump station outlet valve")
            network.feeds(pump, [plant], valve)
            plant.people += pump.people


def _downstream(manhole: Facility, manholes: list[Facility], pumps: list[Facility]) -> Facility:
    """The nearest manhole that is nearer to the pump station, or else the pump station."""
    pump = nearest(manhole.spot, pumps)
    left = _metres(manhole.spot, pump)
    lower = [m for m in manholes if nearest(m.spot, pumps) is pump and _metres(m.spot, pump) < left - 20]
    return nearest(manhole.spot, [*lower, pump])


def _metres(spot: Spot, facility: Facility) -> float:
    return 1000 * spot.km_to(facility.spot)
