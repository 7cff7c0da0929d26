"""``miyun rules test``: play the histories of a city's rules."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.plans.histories.prepared import Prepared


def try_rules(
    rule: Annotated[str | None, typer.Argument(help="Only this rule's histories.")] = None,
    city: Annotated[
        Path | None,
        typer.Option("--city", help="Folder of the city (default: MIYUN_CITY_DIR, deploy/miyun)."),
    ] = None,
) -> None:
    """Try the rules by histories: what instruments read, and every alert that must come of it.

    The histories stand in the city's folder histories; no server is needed. Run it after a limit or a
    delay was changed: what a history expects has to be changed with it.

    Example: miyun rules test gas.chamber_lel

    Prints a line per history, and below one that fails what was expected and what came (exit code 1).
    """
    from services.runtime.settings import load_settings

    folder = city or load_settings().city_dir
    found = _loaded(folder, rule)
    if not found:
        which = f"histories of {rule}" if rule else "histories"
        typer.echo(f"miyun: {folder} has no {which}: miyun rules list shows the rules", err=True)
        raise typer.Exit(1)
    failed = sum(not _passes(prepared) for prepared in found)
    rules = {prepared.history.rule for prepared in found}
    size = f"{len(found)} histories of {len(rules)} rule{'s' if len(rules) > 1 else ''}"
    typer.echo(f"{size}: {failed} fail" if failed else f"{size}: ok")
    if failed:
        raise typer.Exit(1)


def _loaded(folder: Path, rule: str | None) -> "list[Prepared]":
    from services.plans.city.folder import CityError
    from services.plans.histories.prepared import load_histories

    try:
        return load_histories(folder, rule=rule)
    except (CityError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _passes(prepared: "Prepared") -> bool:
    differences = prepared.differences()
    history = prepared.history
    traits = f" ({', '.join(history.traits)})" if history.traits else ""
    result = "FAIL" if differences else "ok  "
    typer.echo(f"{result} {history.rule} at {history.station}{traits}: {history.name}")
    for line in differences:
        typer.echo(f"       {line}")
    return not differences
