"""Write the city of deploy/miyun: towns, organisations, roads, stations and what hangs on what.

    python -m tools.city_generator [--gazetteer FILE] [--out FOLDER]

What is known stands in the gazetteer; the rest is drawn from it, the same each time. Systems, station types,
rules and calendars are written by hand and left alone.
"""

import argparse
from pathlib import Path

from tools.city_generator.across import key_users, neighbours
from tools.city_generator.files import GeneratedCity, texts
from tools.city_generator.gas import gas
from tools.city_generator.gazetteer import Gazetteer, load
from tools.city_generator.heating import heating
from tools.city_generator.lighting import lighting, weather
from tools.city_generator.network import name_facilities, number
from tools.city_generator.organisations import organisations
from tools.city_generator.sewer import sewer
from tools.city_generator.water import water

GAZETTEER = Path(__file__).with_name("gazetteer.yaml")
CITY = Path(__file__).parents[2] / "deploy" / "miyun"


def generate(gazetteer: Gazetteer) -> GeneratedCity:
    """The whole city."""
    made = [make(gazetteer) for make in (water, sewer, heating, gas, lighting, weather)]
    networks = {network.system: network for network in made}
    name_facilities(made)
    users, fed = key_users(gazetteer, networks)
    valves = [valve for network in made for valve in network.valves]
    number("valve", valves)
    number("key", users)
    relations = [one for network in made for one in network.relations]
    relations += [*neighbours(networks), *fed]
    return GeneratedCity(gazetteer, organisations(gazetteer.towns), networks, valves, users, relations)


def main() -> None:
    """Write the files and say how many stations they have."""
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tools.city_generator", description=__doc__, formatter_class=as_written
    )
    parser.add_argument("--gazetteer", type=Path, default=GAZETTEER, help="default: the district's own")
    parser.add_argument("--out", type=Path, default=CITY, help="folder of the city (default: deploy/miyun)")
    arguments = parser.parse_args()
    out: Path = arguments.out
    city = generate(load(arguments.gazetteer))
    for name, text in texts(city).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    stations = sum(len(network.facilities) for network in city.networks.values())
    print(f"{out}: {stations} stations, {len(city.relations)} links, {len(city.valves)} valves")


if __name__ == "__main__":
    main()
