"""Street lighting and weather."""

from tools.city_generator.gazetteer import Gazetteer
from tools.city_generator.geography import evenly
from tools.city_generator.network import Facility, Network, by_street, in_quarter
from tools.city_generator.words import at

OPERATOR = "light-operator"
VILLAGE_A = 12.0
"""Nominal current of a phase in a village: fewer and smaller lamps than the type's 20 A."""
ARTERIAL_A = 26.0
PHASES = ("current_a_a", "current_b_a", "current_c_a")


def lighting(gazetteer: Gazetteer) -> Network:
    """All lamp cabinets of the district."""
    network = Network("lighting")
    for town in gazetteer.towns:
        count = town.has.get("light_cabinet", 0)
        in_villages = 0 if town.urban else count // 3
        for place in evenly(town.streets, count - in_villages, 0.7):
            cabinet = network.add(by_street("light_cabinet", town, OPERATOR, place, -9))
            if place.street.rank == "arterial":
                cabinet.points = {code: {"reference": ARTERIAL_A} for code in PHASES}
        for village in town.quarters[1 : in_villages + 1]:
            cabinet = network.add(
                in_quarter("light_cabinet", town, f"town-{town.short}", village, -0.11, 0.05)
            )
            cabinet.variety = "light_cabinet_in_village"
            cabinet.points = {code: {"reference": VILLAGE_A} for code in PHASES}
    return network


def weather(gazetteer: Gazetteer) -> Network:
    """A weather station for each part of the district."""
    network = Network("weather")
    for town in gazetteer.towns:
        if "weather_station" in town.has:
            spot = town.centre.moved(-0.35, 0.25)
            network.add(Facility("weather_station", town, "weather-service", at(town.served), spot))
    return network
