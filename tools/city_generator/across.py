"""Relations across networks: neighbours under one street, and users who must not be without."""

from collections.abc import Iterable, Sequence

from tools.city_generator.gazetteer import Gazetteer
from tools.city_generator.network import Facility, Network, PassiveSite, Relation, nearest
from tools.city_generator.words import bilingual

CHAMBER_TO_MANHOLE_KM = 0.15
"""Gas that leaks finds its way along the bedding of pipes so far."""
CABINET_TO_UNDERPASS_KM = 0.4
REACH_KM = 4.0
"""A key user hangs on the nearest facility of its town, if there is one so near."""
FEEDERS = (
    ("water", ("water_zone_meter", "village_well")),
    ("heating", ("heat_exchanger_radiator", "heat_exchanger_floor")),
    ("gas", ("gas_regulator",)),
)


def neighbours(networks: dict[str, Network]) -> list[Relation]:
    """Chambers beside sewer manholes, cabinets beside underpasses."""
    chambers = networks["gas"].of("gas_chamber")
    manholes = networks["sewer"].of("sewer_manhole")
    cabinets = networks["lighting"].of("light_cabinet")
    underpasses = networks["sewer"].of("underpass")
    return [
        *_pairs(chambers, manholes, CHAMBER_TO_MANHOLE_KM),
        *_pairs(underpasses, cabinets, CABINET_TO_UNDERPASS_KM),
    ]


def _pairs(
    facilities: Sequence[Facility], others: Sequence[Facility], within_km: float
) -> Iterable[Relation]:
    for one in facilities:
        other = nearest(one.spot, others)
        if one.spot.km_to(other.spot) <= within_km:
            yield Relation("beside", one, [other])


def key_users(gazetteer: Gazetteer, networks: dict[str, Network]) -> tuple[list[PassiveSite], list[Relation]]:
    """Hospitals, schools and care homes; heat plants as users of water and gas. And what feeds them."""
    towns = {town.code: town for town in gazetteer.towns}
    users = [
        PassiveSite(kind, towns[code], bilingual(zh, en), towns[code].centre.moved(east, north))
        for kind, code, zh, en, east, north in gazetteer.key_users
    ]
    for source in networks["heating"].of("heat_source"):
        name = source.label.name
        plant = bilingual(f"{name.zh}热源厂（用水用气）", f"{name.en} heat plant (water, gas)")
        users.append(PassiveSite("heat_source", source.town, plant, source.spot.moved(0.0, 0.01)))
    return users, [link for user in users for link in _fed(user, networks)]


def _fed(user: PassiveSite, networks: dict[str, Network]) -> Iterable[Relation]:
    for system, types in FEEDERS:
        if system == "heating" and user.kind == "heat_source":
            continue
        near = [s for type_ in types for s in networks[system].of(type_, user.town)]
        if near and (feeder := nearest(user.spot, near)).spot.km_to(user.spot) <= REACH_KM:
            yield Relation("feeds", feeder, [user])
