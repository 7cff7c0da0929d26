"""Street lighting and weather."""

from tools.city_generator.gazetteer import Gazetteer, Town
from tools.city_generator.geography import evenly
from tools.city_generator.network import Network, Station, on_street
from tools.city_generator.words import Words, at, in_quarter

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
            cabinet = Station(
                "light_cabinet",
                town,
                OPERATOR,
                on_street(place, town),
                Words("路灯控制箱", "street light cabinet"),
                place.street.beside(place.share, -9),
                road=place.street.road,
                access=Words("箱体钥匙在路灯值班室", "key at the lighting duty office"),
            )
            if place.street.rank == "arterial":
                cabinet.points = {code: {"reference": ARTERIAL_A} for code in PHASES}
            network.stations.append(cabinet)
        network.stations += _in_villages(town, in_villages)
    return network


def _in_villages(town: Town, count: int) -> list[Station]:
    return [
        Station(
            "light_cabinet",
            town,
            f"town-{town.short}",
            in_quarter(name),
            Words("村路灯控制箱", "village light cabinet"),
            spot.moved(-0.11, 0.05),
            access=Words("箱体钥匙在村委会", "key at the village committee"),
            points={code: {"reference": VILLAGE_A} for code in PHASES},
        )
        for name, spot in town.quarters[1 : count + 1]
    ]


def weather(gazetteer: Gazetteer) -> Network:
    """A weather station for each part of the district."""
    network = Network("weather")
    for town in gazetteer.towns:
        if "weather_station" in town.has:
            name = Words("密云城区", "Miyun urban area") if town.urban else town.name
            network.stations.append(
                Station(
                    "weather_station",
                    town,
                    "weather-service",
                    at(name),
                    Words("自动气象站", "weather station"),
                    town.centre.moved(-0.35, 0.25),
                    access=Words(
                        "观测场围栏内，钥匙在气象值班室", "inside the fence, key at the weather office"
                    ),
                )
            )
    return network
