"""Write the city of deploy/miyun: towns, organisations, roads, stations and what hangs on what.

    python deploy/city/generate.py [--out FOLDER]

What is known stands in gazetteer.yaml; the rest is drawn from it, the same each time. Systems, station types,
rules and calendars are written by hand and left alone.
"""

import argparse
from pathlib import Path

from across import key_users, neighbours
from files import Made, texts
from gas import gas
from gazetteer import load
from heating import heating
from lighting import lighting, weather
from naming import name_stations, number
from organisations import organisations
from sewer import sewer
from water import water

CITY = Path(__file__).parents[1] / "miyun"


def make() -> Made:
    """The whole city."""
    gazetteer = load()
    made = [make_network(gazetteer) for make_network in (water, sewer, heating, gas, lighting, weather)]
    networks = {network.system: network for network in made}
    name_stations(networks.values())
    users, fed = key_users(gazetteer, networks)
    valves = [valve for network in made for valve in network.valves]
    number("valve", valves)
    number("key", users)
    links = [*(link for network in made for link in network.links), *neighbours(networks), *fed]
    return Made(gazetteer, organisations(gazetteer.towns), networks, valves, users, links)


def main() -> None:
    """Write the files and say how many stations they have."""
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("--out", type=Path, default=CITY, help="folder of the city (default: deploy/miyun)")
    out: Path = parser.parse_args().out
    made = make()
    for name, text in texts(made).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    stations = sum(len(network.stations) for network in made.networks.values())
    print(f"{out}: {stations} stations, {len(made.links)} links, {len(made.valves)} valves")


if __name__ == "__main__":
    main()
