"""The city's files as texts: YAML as people would write it, one field a line, words side by side."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from tools.city_generator.gazetteer import Gazetteer, Town
from tools.city_generator.geography import chance, km_to_reservoir
from tools.city_generator.network import KeyUser, Link, Network, Station, Valve
from tools.city_generator.organisations import Organisation, phone
from tools.city_generator.words import Words

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


@dataclass(frozen=True, slots=True)
class GeneratedCity:
    """All that was made of a gazetteer."""

    gazetteer: Gazetteer
    organisations: Sequence[Organisation]
    networks: Mapping[str, Network]
    valves: Sequence[Valve]
    key_users: Sequence[KeyUser]
    links: Sequence[Link]


def texts(made: GeneratedCity) -> dict[str, str]:
    """Every file's text by its name inside the city's folder."""
    return {
        "towns.yaml": _text("towns", TOWNS, map(_town, made.gazetteer.towns)),
        "organisations.yaml": _text("organisations", ORGANISATIONS, map(_organisation, made.organisations)),
        "roads.yaml": _text("roads", ROADS, _roads(made.gazetteer.towns)),
        "valves.yaml": _text("valves", "", map(_valve, made.valves)),
        "key_users.yaml": _text("key_users", KEY_USERS, map(_key_user, made.key_users)),
        "links.yaml": _text("links", LINKS, map(_link, made.links)),
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


def _town(town: Town) -> str:
    fields = {
        "code": town.code,
        "name": town.name,
        "lat": town.centre.lat,
        "lon": town.centre.lon,
        "source": town.source,
        "people": town.people,
    }
    return "\n".join(entry(fields))


def _organisation(organisation: Organisation) -> str:
    fields = {
        "id": organisation.id,
        "name": organisation.name,
        "kind": organisation.kind,
        "duty_phone": organisation.phone,
    }
    return f"  - {flow(fields)}"


def _roads(towns: Sequence[Town]) -> Iterator[str]:
    """Each road once: the urban part of a country road gives it its rank."""
    seen = set()
    for street in (street for town in towns for street in town.streets):
        if street.road not in seen:
            seen.add(street.road)
            yield f"  - {flow({'id': street.road, 'name': street.name, 'rank': street.rank})}"


def _valve(valve: Valve) -> str:
    fields = {"id": valve.id, "kind": "valve", "system": valve.system, **_where(valve)}
    return "\n".join(entry(fields))


def _key_user(user: KeyUser) -> str:
    return "\n".join(entry({"id": user.id, "kind": user.kind, **_where(user)}))


def _where(item: Valve | KeyUser) -> dict[str, Any]:
    return {"town": item.town.code, "name": item.name, "lat": item.spot.lat, "lon": item.spot.lon}


def _link(link: Link) -> str:
    head = f"  - {{kind: {link.kind}, from: {link.origin.id}, to: ["
    tail = f"], valve: {link.valve.id}}}" if link.valve else "]}"
    return "\n".join(folded(head, (station.id for station in link.to), tail))


def _stations(networks: Mapping[str, Network]) -> Iterator[tuple[str, str]]:
    files: dict[str, list[Station]] = {}
    for system, network in networks.items():
        for station in network.stations:
            files.setdefault(OWN_FILES.get(station.type, system), []).append(station)
    for name, stations in files.items():
        blocks = []
        for town, here in groupby(stations, key=lambda station: station.town):
            blocks.append(f"  # {town.name.zh} / {town.name.en}")
            blocks += ["\n".join(entry(_station(station))) for station in here]
        yield f"stations/{name}.yaml", _text("stations", "", blocks)


def _station(station: Station) -> dict[str, Any]:
    """The station's fields, without those that say nothing."""
    fields = {
        "id": station.id,
        "type": station.type,
        "town": station.town.code,
        "owner": station.owner,
        "name": station.name,
        "lat": f"{station.spot.lat:.5f}",
        "lon": f"{station.spot.lon:.5f}",
        "address": _address(station),
        "landmark": _landmark(station),
        "duty_phone": phone(2000 + int(1000 * chance(station.id))) if station.staffed else None,
        "access_note": station.access,
        "protection_zone": km_to_reservoir(station.spot) <= PROTECTED_KM,
        "traits": station.traits,
        "road": station.road,
        "serves_people": station.people,
        "serves_m2": station.m2,
        "points": station.points,
    }
    return {key: value for key, value in fields.items() if value not in (None, False, (), {})}


def _address(station: Station) -> Words:
    where, town = station.label.address, station.town.name
    if where == town:
        return Words(f"密云区{town.zh}镇区", f"{town.en}, town centre")
    return Words(f"密云区{town.zh}{where.zh}", f"{where.en}, {town.en}")


def _landmark(station: Station) -> Words | None:
    near = [(station.spot.km_to(spot), name) for name, spot in station.town.landmarks]
    km, name = min(near, key=lambda found: found[0])
    if km > LANDMARK_KM:
        return None
    metres = max(50, round(km * 20) * 50)
    return Words(f"距{name.zh}约{metres}米", f"about {metres} m from {name.en}")


PLAIN = re.compile(r"^[A-Za-z一-鿿][^:#,\[\]{}\"'&*!|>%@`=]*(?<! )$|^\d+号[^:#,\[\]{}\"'&*!|>%@`=]*$")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
WIDTH = 108


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
    if isinstance(value, Words):
        return f"{{zh: {scalar(value.zh)}, en: {scalar(value.en)}}}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def entry(fields: Mapping[str, Any]) -> Iterable[str]:
    """A list item with a field a line; a mapping of mappings has a line for each of its keys."""
    lead = "  - "
    for key, value in fields.items():
        if isinstance(value, Mapping):
            yield f"{lead}{key}:"
            yield from (line for code, item in value.items() for line in _nested(code, item))
        else:
            yield f"{lead}{key}: {value if key in ('lat', 'lon') else flow(value)}"
        lead = "    "


def _nested(code: str, item: Mapping[str, Any]) -> Iterable[str]:
    line = f"      {code}: {flow(item)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"      {code}:"
    for key, value in item.items():
        if isinstance(value, list):
            yield f"        {key}:"
            for part in value:
                head = "          - "
                for name, inner in part.items():
                    yield f"{head}{name}: {flow(inner)}"
                    head = "            "
        else:
            yield f"        {key}: {flow(value)}"


def folded(prefix: str, items: Iterable[str], suffix: str) -> Iterable[str]:
    """A flow list of words over as many lines as it needs."""
    line = prefix
    words = list(items)
    for index, word in enumerate(words):
        piece = word + (suffix if index == len(words) - 1 else ",")
        if len(line) + len(piece) > WIDTH:
            yield line.rstrip()
            line = "     "
        line += piece if line.endswith(("[", "     ")) else " " + piece
    yield line
