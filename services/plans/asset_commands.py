"""``miyun assets``: check what stands where and what hangs on what."""

import typer

from services.plans.options import AtOption, CityOption, asked_ms, read_city
from services.runtime.commands import group


def register(root: typer.Typer) -> None:
    """Add ``miyun assets`` to the root."""
    assets = group(root, "assets", "Towns, stations, points and links as data: check them.")
    assets.command("check")(check)


def check(city: CityOption = None, at: AtOption = None) -> None:
    """Check a city's assets: every inconsistency at once, with file, line and what would be right.

    Stations outside the district, far from their town or entered twice; two of one name; links that end
    nowhere, cross systems or run in a circle; what should be fed and is not; names in one language only.
    Mistakes in rules and calendars are told too: nothing is published while there are any.

    Example: miyun assets check --city deploy/miyun

    Prints one line per inconsistency and exits with 1, or a table with a line per system: stations, points
    (with those that are computed), towns, links, and readings per second of points that report at intervals
    (what is sent on change comes on top).

    To mend the shipped city, change tools/city_generator/gazetteer.yaml, run python -m tools.city_generator;
    another city's files are written by hand.
    """
    from services.plans.asset_table import table
    from services.runtime.settings import load_settings

    settings = load_settings()
    read = read_city(city or settings.city_dir, asked_ms(at, settings))
    typer.echo("\n".join(table(read)))
