"""Mistakes of links: they join what there is, in a way that makes sense, and nothing hangs on nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from schemas.base import km_between
from schemas.city.files import City, Mistake, Placed
from schemas.city.places import KeyUserFile, LinkFile
from schemas.city.stations import StationFile
from services.plans.lint.messages import unknown

BESIDE_KM = 1.0
"""Stations that are farther apart do not lie beside each other."""
MISSING = {
    "feeder": "is fed by nothing: name in links.yaml what feeds it",
    "consumer": "feeds nothing: name in links.yaml what it feeds",
    "neighbour": "lies beside nothing: name its neighbour in links.yaml",
}
"""Words about a station that lacks what its type needs."""
Node = StationFile | KeyUserFile


@dataclass(frozen=True, slots=True)
class _Net:
    """The ends and valves that links are judged by."""

    nodes: Mapping[str, Node]
    systems: Mapping[str, str]
    """The system of each station."""
    valves: Mapping[str, str]
    """The system of each valve."""


def link_mistakes(city: City) -> Iterator[Mistake]:
    """All mistakes of all links, and of what should be linked and is not."""
    kinds = {placed.item.type: placed.item.system for placed in city.station_types}
    stations: dict[str, Node] = {placed.item.id: placed.item for placed in city.stations}
    users: dict[str, Node] = {placed.item.id: placed.item for placed in city.key_users}
    net = _Net(
        nodes=stations | users,
        systems={placed.item.id: kinds.get(placed.item.type, "") for placed in city.stations},
        valves={placed.item.id: placed.item.system for placed in city.valves},
    )
    seen: set[tuple[str, ...]] = set()
    for link in city.links:
        yield from _ends(link, net)
        yield from _twice(link, seen)
        yield from _valve(link, net)
        yield from _feeds(link, net) if link.item.kind == "feeds" else _beside(link, net)
    yield from _circles(city)
    yield from _unlinked(city)


def _ends(link: Placed[LinkFile], net: _Net) -> Iterator[Mistake]:
    item = link.item
    if item.origin not in net.nodes:
        yield link.mistake(unknown("station", item.origin, net.systems), "from")
    for index, target in enumerate(item.to):
        if target == item.origin:
            yield link.mistake(f"{target} is linked to itself", "to", index)
        elif target not in net.nodes:
            yield link.mistake(unknown("station or key user", target, net.nodes), "to", index)


def _twice(link: Placed[LinkFile], seen: set[tuple[str, ...]]) -> Iterator[Mistake]:
    """``beside`` holds both ways: the other way round it is the same link."""
    item = link.item
    for index, target in enumerate(item.to):
        ends = (item.origin, target) if item.kind == "feeds" else tuple(sorted((item.origin, target)))
        if (item.kind, *ends) in seen:
            yield link.mistake(f"{item.origin} {item.kind} {target} stands twice", "to", index)
        seen.add((item.kind, *ends))


def _valve(link: Placed[LinkFile], net: _Net) -> Iterator[Mistake]:
    valve = link.item.valve
    if valve is None:
        return
    system = net.systems.get(link.item.origin)
    if valve not in net.valves:
        yield link.mistake(unknown("valve", valve, net.valves), "valve")
    elif link.item.kind == "beside":
        yield link.mistake("a valve parts what feeds; neighbours have none between them", "valve")
    elif system is not None and net.valves[valve] != system:
        text = f"{valve} is of {net.valves[valve]}, {link.item.origin} of {system}"
        yield link.mistake(text, "valve")


def _feeds(link: Placed[LinkFile], net: _Net) -> Iterator[Mistake]:
    """A station feeds stations of its own system, and key users."""
    item = link.item
    if item.origin in net.nodes and item.origin not in net.systems:
        yield link.mistake(f"{item.origin} is a key user: it is fed and feeds nothing", "from")
    system = net.systems.get(item.origin)
    for index, target in enumerate(item.to):
        other = net.systems.get(target)
        if system is not None and other is not None and system != other:
            text = f"{item.origin} is of {system}, {target} of {other}: only a key user is fed across systems"
            yield link.mistake(text, "to", index)


def _beside(link: Placed[LinkFile], net: _Net) -> Iterator[Mistake]:
    origin = net.nodes.get(link.item.origin)
    for index, target in enumerate(link.item.to):
        other = net.nodes.get(target)
        if origin is None or other is None:
            continue
        km = km_between((origin.lat, origin.lon), (other.lat, other.lon))
        if km > BESIDE_KM:
            text = f"{target} lies {km:.1f} km from {link.item.origin}: not beside it"
            yield link.mistake(text, "to", index)


def _circles(city: City) -> Iterator[Mistake]:
    """Each circle of feeders, told where it closes; others that share that link are not told again."""
    feeders: dict[str, dict[str, Placed[LinkFile]]] = {}
    for link in city.links:
        for target in link.item.to if link.item.kind == "feeds" else ():
            if target != link.item.origin:
                feeders.setdefault(target, {}).setdefault(link.item.origin, link)
    while True:
        try:
            TopologicalSorter(feeders).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]
            closing = feeders[circle[-1]].pop(circle[-2])
            yield closing.mistake(f"feeds in a circle: {' > '.join(circle)}", "to")
        else:
            return


def _unlinked(city: City) -> Iterator[Mistake]:
    """Stations that lack what their type needs; key users that nothing feeds; valves that part nothing."""
    fed = {target for link in city.links if link.item.kind == "feeds" for target in link.item.to}
    beside = [link.item for link in city.links if link.item.kind == "beside"]
    has = {
        "feeder": fed,
        "consumer": {link.item.origin for link in city.links if link.item.kind == "feeds"},
        "neighbour": {end for link in beside for end in (link.origin, *link.to)},
    }
    needs = {placed.item.type: placed.item.needs for placed in city.station_types}
    for station in city.stations:
        for need in needs.get(station.item.type, ()):
            if station.item.id not in has[need]:
                yield station.mistake(f"{station.item.id} {MISSING[need]}", "id")
    for user in city.key_users:
        if user.item.id not in fed:
            yield user.mistake(f"{user.item.id} {MISSING['feeder']}", "id")
    used = {link.item.valve for link in city.links}
    for valve in city.valves:
        if valve.item.id not in used:
            text = f"{valve.item.id} parts no link: name it in links.yaml, or leave it out"
            yield valve.mistake(text, "id")
