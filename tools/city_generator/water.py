"""Water supply: two waterworks, zones with a meter, end points; wells in the villages of hill towns."""

from typing import Any

from tools.city_generator.gazetteer import Gazetteer, Township
from tools.city_generator.geography import chance
from tools.city_generator.network import Facility, Network, in_quarter, nearest, rounded
from tools.city_generator.words import at, bilingual

FOOTHILLS = frozenset({"110118101000", "110118102000", "110118105000", "110118106000"})
"""Towns whose quarters climb the slopes: lower pressure at the taps by design."""
LOW_DESIGN_MPA = 0.21
"""An end point designed for less comes near 0.16 MPa, the usual first limit, each morning."""


def water(gazetteer: Gazetteer) -> Network:
    """All water facilities of the district."""
    network = Network("water")
    for town in gazetteer.towns:
        _plant(network, town)
        _meters(network, town)
        _end_points(network, town)
        _wells(network, town)
    _feed(network, gazetteer)
    return network


def _plant(network: Network, town: Township) -> None:
    for _ in range(town.has.get("water_plant", 0)):
        spot = town.centre.moved(1.3, 1.1) if town.urban else town.centre.moved(-0.6, 0.75)
        plant = Facility("water_plant", town, town.operator("water"), at(town.served), spot)
        if not town.urban:
            plant.points["outlet_pressure_mpa"] = {"reference": 0.48}  # it lifts water over the foothills
        network.add(plant)


def _meters(network: Network, town: Township) -> None:
    count = town.has.get("water_zone_meter", 0)
    for index in range(count):
        quarter = town.quarters[index * len(town.quarters) // count]
        meter = in_quarter("water_zone_meter", town, town.operator("water"), quarter, -0.07, -0.05)
        meter.people = rounded(0.9 * town.people / count, 10)
        meter.points["pressure_mpa"] = {"reference": round(0.33 + 0.06 * chance(*meter.key), 2)}
        network.add(meter)


def _end_points(network: Network, town: Township) -> None:
    top, fall = (0.32, 0.14) if town.code in FOOTHILLS else (0.44, 0.17)
    for quarter in town.quarters[: town.has.get("water_end_point", 0)]:
        point = in_quarter("water_end_point", town, town.operator("water"), quarter, 0.09, -0.08)
        design = round(top - fall * chance(*point.key, "height"), 2)
        point.points["pressure_mpa"] = {"reference": design}
        if design < LOW_DESIGN_MPA:
            point.points["pressure_mpa"]["overrides"] = [_low_lying_limit(design)]
        network.add(point)


def _low_lying_limit(design: float) -> dict[str, Any]:
    """One-storey houses on the slope need 0.10 MPa (10 m); the first two limits make room for the design."""
    return {
        "rule": "water.end_pressure",
        "levels": {"notice": {"limit": 0.13}, "warn": {"limit": 0.12}},
        "reason": f"坡地平房区，设计末梢压力 {design:.2f} MPa / houses of one storey on a slope, designed so",
        "approver": "water-chief-engineer",
    }


def _wells(network: Network, town: Township) -> None:
    """From the last villages of the list: the first have pipes where a town has both."""
    count = town.has.get("village_well", 0)
    for village in reversed(town.quarters[-count:] if count else ()):
        well = in_quarter("village_well", town, f"town-{town.short}", village, 0.16, 0.12)
        well.people = rounded(350 + 900 * chance(*well.key, "people"), 10)
        well.points["pressure_mpa"] = {"reference": round(0.24 + 0.12 * chance(*well.key), 2)}
        network.add(well)


def _feed(network: Network, gazetteer: Gazetteer) -> None:
    """Each zone has an inlet valve; each end point hangs on the nearest meter of its town."""
    plants = {plant.town.urban: plant for plant in network.of("water_plant")}
    for town in gazetteer.towns:
        meters = network.of("water_zone_meter", town)
        points = network.of("water_end_point", town)
        plant = plants[town.code not in gazetteer.lake_water]
        for meter in meters:
            name = meter.label.name
            network.feeds(plant, [meter], bilingual(f"{name.zh}分区进水阀", f"{name.en}, zone inlet valve"))
            plant.people += meter.people
            network.feeds(meter, [p for p in points if nearest(p.spot, meters) is meter])
