"""Ids and names: by town, in the order of making."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from network import KeyUser, Network, Station, Valve
from words import Words

PREFIX = {"heating": "heat", "lighting": "light"}
"""What ids begin with, where it is not the system's own id."""


def name_stations(networks: Iterable[Network]) -> None:
    """Give every station its id and a name that no other station of its town bears."""
    for network in networks:
        network.stations.sort(key=lambda station: station.town.code)  # stable: types stay in their order
        numbers: Counter[str] = Counter()
        prefix = PREFIX.get(network.system, network.system)
        for station in network.stations:
            numbers[station.town.short] += 1
            station.id = f"{prefix}-{station.town.short}-{numbers[station.town.short]:04d}"
        _names(network.stations)


def _names(stations: list[Station]) -> None:
    alike: dict[tuple[str, str, str], list[Station]] = defaultdict(list)
    for station in stations:
        alike[station.town.code, station.label.name.zh, station.what.zh].append(station)
    for same in alike.values():
        for number, station in enumerate(same, 1):
            where, what = station.label.name, station.what
            if len(same) == 1:
                station.name = Words(f"{where.zh} {what.zh}", f"{where.en}, {what.en}")
            else:
                station.name = Words(f"{where.zh} {number}号{what.zh}", f"{where.en}, {what.en} {number}")


def number(prefix: str, items: Iterable[Valve] | Iterable[KeyUser]) -> None:
    """Give valves or key users their ids."""
    numbers: Counter[str] = Counter()
    for item in items:
        numbers[item.town.short] += 1
        item.id = f"{prefix}-{item.town.short}-{numbers[item.town.short]:04d}"
