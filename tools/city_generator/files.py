"""The city's files as texts: YAML as people would write it, one field a line, words side by side."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from typing import Any

from schemas.base import Bilingual, FileModel
from schemas.city.places import Organisation
from tools.city_generator.gazetteer import Gazetteer, Township
from tools.city_generator.geography import chance, km_to_reservoir
from tools.city_generator.network import Facility, Network, PassiveSite, Relation
from tools.city_generator.organisations import phone
from tools.city_generator.words import bilingual

WRITTEN = "# Written by tools/city_generator: change it there, or it will be lost.\n"
PROTECTED_KM = 2.0
"""A station so near the reservoir counts as inside its protection zone. The true zone is not a circle."""
LANDMARK_KM = 0.8
OWN_FILES = {
    "gas_chamber": "gas_chambers",
    "heat_homes": "heating_homes",
    "sewer_manhole": "sewer_manholes",
}
"""Types that are so many that they have a file of their own."""
STAFFED = ("water_plant", "sewage_plant", "heat_source", "gas_gate", "lpg_station")
"""Types with a duty phone of their own."""


@dataclass(frozen=True, slots=True)
class GeneratedCity:
    """All that was made of a gazetteer."""

    gazetteer: Gazetteer
    organisations: Sequence[Organisation]
    networks: Mapping[str, Network]
    valves: Sequence[PassiveSite]
    key_users: Sequence[PassiveSite]
    relations: Sequence[Relation]


def texts(made: GeneratedCity) -> dict[str, str]:
    """Every file's text by its name inside the city's folder."""
    organisations = (f"  - {flow(organisation)}" for organisation in made.organisations)
    return {
        "towns.yaml": _text("towns", TOWNS, map(_town, made.gazetteer.towns)),
        "organisations.yaml": _text("organisations", ORGANISATIONS, organisations),
        "roads.yaml": _text("roads", ROADS, _roads(made.gazetteer.towns)),
        "valves.yaml": _text("valves", "", map(_site, made.valves)),
        "key_users.yaml": _text("key_users", KEY_USERS, map(_site, made.key_users)),
        "links.yaml": _text("links", LINKS, map(_link, made.relations)),
        **dict(_stations(made.networks)),
    }


TOWNS = """\
# WGS-84. `source`: who gives the coordinates; "approximate" is within 1.5 km. `people`: census 2020 where
# published, else census 2010, else registered 2022. Some lists of 2023 have 檀营 as 110118203.
"""
ORGANISATIONS = """\
# Roles, not companies: who runs what in Miyun is not published. Duty phones are examples: no number of
# Beijing begins with 0, so 010-0000-xxxx reaches nobody.
"""
ROADS = "# Some streets of towns are invented; `rank` as in CJJ 45.\n"
KEY_USERS = "# Which institutions exist is public; exactly where they stand is drawn.\n"
LINKS = """\
# What feeds what, and what lies beside what: gas gate, regulator; heat source, exchanger, homes; waterworks,
# zone, end point; manhole to manhole to pump station to sewage plant. Chambers lie beside chambers of the
# same street and beside sewer manholes within 150 m. `valve`: what can part them.
"""


def _text(name: str, comment: str, items: Iterable[str]) -> str:
    return f"{WRITTEN}{comment}{name}:\n" + "".join(f"{item}\n" for item in items)


def _town(town: Township) -> str:
    return entry(
        code=town.code,
        name=town.name,
        lat=town.centre.lat,
        lon=town.centre.lon,
        source=town.source,
        people=town.people,
    )


def _roads(towns: Sequence[Township]) -> Iterable[str]:
    """Each road once: the urban part of a country road gives it its rank."""
    lines: dict[str, str] = {}
    for street in (street for town in towns for street in town.streets):
        fields = {"id": street.road, "name": street.name, "rank": street.rank}
        lines.setdefault(street.road, f"  - {flow(fields)}")
    return lines.values()


def _site(site: PassiveSite) -> str:
    return entry(
        id=site.id,
        kind=site.kind,
        system=site.system,
        town=site.town.code,
        name=site.name,
        lat=site.spot.lat,
        lon=site.spot.lon,
    )


def _link(link: Relation) -> str:
    """Over as many lines as it needs, of which none breaks before or in the valve."""
    valve = f",\u00a0valve:\u00a0{link.valve.id}" if link.valve else ""
    ends = ", ".join(end.id for end in link.to)
    text = f"  - {{kind: {link.kind}, from: {link.origin.id}, to: [{ends}]{valve}}}"
    lines = textwrap.wrap(text, WIDTH + 1, subsequent_indent="     ", break_on_hyphens=False)
    return "\n".join(lines).replace("\u00a0", " ")


def _stations(networks: Mapping[str, Network]) -> Iterator[tuple[str, str]]:
    files: dict[str, list[Facility]] = {}
    for system, network in networks.items():
        for facility in network.facilities:
            files.setdefault(OWN_FILES.get(facility.type, system), []).append(facility)
    for name, facilities in files.items():
        blocks = []
        for town, here in groupby(facilities, key=lambda facility: facility.town):
            blocks += [f"  # {town.name.zh} / {town.name.en}", *map(_station, here)]
        yield f"stations/{name}.yaml", _text("stations", "", blocks)


def _station(facility: Facility) -> str:
    return entry(
        id=facility.id,
        type=facility.type,
        town=facility.town.code,
        owner=facility.owner,
        name=facility.name,
        lat=f"{facility.spot.lat:.5f}",
        lon=f"{facility.spot.lon:.5f}",
        address=_address(facility),
        landmark=_landmark(facility),
        duty_phone=phone(2000 + int(1000 * chance(facility.id))) if facility.type in STAFFED else None,
        access_note=facility.words[1],
        protection_zone=km_to_reservoir(facility.spot) <= PROTECTED_KM,
        traits=facility.traits,
        road=facility.road,
        serves_people=facility.people,
        serves_m2=facility.m2,
        points=facility.points,
    )


def _address(facility: Facility) -> Bilingual:
    where, town = facility.label.address, facility.town.name
    if where == town:
        return bilingual(f"密云区{town.zh}镇区", f"{town.en}, town centre")
    return bilingual(f"密云区{town.zh}{where.zh}", f"{where.en}, {town.en}")


def _landmark(facility: Facility) -> Bilingual | None:
    near = ((facility.spot.km_to(spot), name) for name, spot in facility.town.landmarks)
    km, name = min(near, key=lambda found: found[0])
    if km > LANDMARK_KM:
        return None
    metres = max(50, round(km * 20) * 50)
    return bilingual(f"距{name.zh}约{metres}米", f"about {metres} m from {name.en}")


PLAIN = re.compile(r"^[A-Za-z一-鿿][^:#,\[\]{}\"'&*!|>%@`=]*(?<! )$|^\d+号[^:#,\[\]{}\"'&*!|>%@`=]*$")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
WIDTH = 108
NOTHING: tuple[object, ...] = (None, False, (), {})
"""Values of fields that are left out; 0 is False."""


def scalar(value: Any) -> str:
    """A value as it stands in a flow mapping; text in quotes where YAML would read something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, date)):
        return str(value)
    if PLAIN.match(value) and value.lower() not in WORDS:
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Bilingual):
        value = asdict(value)
    if isinstance(value, FileModel):
        value = dict(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def entry(**fields: Any) -> str:
    """A list item with a field a line, but for those that say nothing; of a mapping, a line a key."""
    lines = []
    for key, value in fields.items():
        if isinstance(value, Mapping) and value:
            lines += [f"{key}:", *(line for code, item in value.items() for line in _nested(code, item))]
        elif value not in NOTHING:
            lines.append(f"{key}: {value if key in ('lat', 'lon') else flow(value)}")
    return "  - " + "\n    ".join(lines)


def _nested(code: str, item: Mapping[str, Any]) -> Iterable[str]:
    line = f"  {code}: {flow(item)}"
    if len(line) + 4 <= WIDTH:
        yield line
        return
    yield f"  {code}:"
    for key, value in item.items():
        if not isinstance(value, list):
            yield f"    {key}: {flow(value)}"
            continue
        yield f"    {key}:"
        for part in value:
            for number, (name, own) in enumerate(part.items()):
                yield f"      {'  ' if number else '- '}{name}: {flow(own)}"
