"""Water supply: two waterworks, zones with a meter, end points; wells in the villages of hill towns."""

from tools.city_generator.gazetteer import Gazetteer, Town
from tools.city_generator.geography import chance
from tools.city_generator.network import Network, Station, nearest, rounded
from tools.city_generator.words import Words, at, in_quarter

URBAN, TOWN = "water-operator-urban", "water-operator-town"
FOOTHILLS = frozenset({"110118101000", "110118102000", "110118105000", "110118106000"})
"""Towns whose quarters climb the slopes: lower pressure at the taps by design."""
LOW_DESIGN_MPA = 0.21
"""An end point designed for less comes near 0.16 MPa, the usual first limit, each morning."""


def water(gazetteer: Gazetteer) -> Network:
    """All water stations of the district."""
    network = Network("water")
    for town in gazetteer.towns:
        _plant(network, town)
        _meters(network, town)
        _end_points(network, town)
        _wells(network, town)
    _feed(network, gazetteer)
    return network


def _owner(town: Town) -> str:
    return URBAN if town.urban else TOWN


def _plant(network: Network, town: Town) -> None:
    for _ in range(town.has.get("water_plant", 0)):
        name = Words("密云城区", "Miyun urban area") if town.urban else town.name
        spot = town.centre.moved(1.3, 1.1) if town.urban else town.centre.moved(-0.6, 0.75)
        plant = Station(
            "water_plant",
            town,
            _owner(town),
            at(name),
            Words("自来水厂", "waterworks"),
            spot,
            staffed=True,
            people=0,
            access=Words("24小时值守，凭证入厂", "staffed day and night, pass needed"),
        )
        if not town.urban:
            plant.points["outlet_pressure_mpa"] = {"reference": 0.48}  # it lifts water over the foothills
        network.stations.append(plant)


def _meters(network: Network, town: Town) -> None:
    count = town.has.get("water_zone_meter", 0)
    for index in range(count):
        name, spot = town.quarters[index * len(town.quarters) // count]
        meter = Station(
            "water_zone_meter",
            town,
            _owner(town),
            in_quarter(name),
            Words("分区计量表", "zone meter"),
            spot.moved(-0.07, -0.05),
            access=Words("表井，双人开盖", "meter pit, two people to open it"),
            people=rounded(0.9 * town.people / count, 10),
        )
        meter.points["pressure_mpa"] = {"reference": round(0.33 + 0.06 * chance(*meter.key), 2)}
        network.stations.append(meter)


def _end_points(network: Network, town: Town) -> None:
    for name, spot in town.quarters[: town.has.get("water_end_point", 0)]:
        point = Station(
            "water_end_point",
            town,
            _owner(town),
            in_quarter(name),
            Words("末梢测压点", "end pressure point"),
            spot.moved(0.09, -0.08),
            access=Words("楼前表箱内", "in the meter box before the house"),
        )
        height = chance(*point.key, "height")
        top = 0.32 if town.code in FOOTHILLS else 0.44
        design = round(top - (0.14 if town.code in FOOTHILLS else 0.17) * height, 2)
        point.points["pressure_mpa"] = {"reference": design}
        if design < LOW_DESIGN_MPA:
            point.points["pressure_mpa"]["overrides"] = [_low_lying_limit(design)]
        network.stations.append(point)


def _low_lying_limit(design: float) -> dict[str, object]:
    """One-storey houses on the slope need 0.10 MPa (10 m); the first two limits make room for the design."""
    return {
        "rule": "water.end_pressure",
        "levels": {"notice": {"limit": 0.13}, "warn": {"limit": 0.12}},
        "reason": f"坡地平房区，设计末梢压力 {design:.2f} MPa / houses of one storey on a slope, designed so",
        "approver": "water-chief-engineer",
    }


def _wells(network: Network, town: Town) -> None:
    """From the last villages of the list: the first have pipes where a town has both."""
    count = town.has.get("village_well", 0)
    for name, spot in reversed(town.quarters[-count:] if count else ()):
        well = Station(
            "village_well",
            town,
            f"town-{town.short}",
            in_quarter(name),
            Words("集中供水井", "village well"),
            spot.moved(0.16, 0.12),
            access=Words("井房钥匙在村委会", "key of the well house at the village committee"),
        )
        well.people = rounded(350 + 900 * chance(*well.key, "people"), 10)
        well.points["pressure_mpa"] = {"reference": round(0.24 + 0.12 * chance(*well.key), 2)}
        network.stations.append(well)


def _feed(network: Network, gazetteer: Gazetteer) -> None:
    """Each zone has an inlet valve; each end point hangs on the nearest meter of its town."""
    plants = {plant.town.urban: plant for plant in network.of("water_plant")}
    for town in gazetteer.towns:
        meters = network.of("water_zone_meter", town)
        plant = plants[town.code not in gazetteer.lake_water]
        for meter in meters:
            name = meter.label.name
            network.feeds(plant, [meter], Words(f"{name.zh}分区进水阀", f"{name.en}, zone inlet valve"))
            plant.people = (plant.people or 0) + (meter.people or 0)
            points = network.of("water_end_point", town)
            network.feeds(meter, [p for p in points if nearest(p.spot, meters) is meter])
