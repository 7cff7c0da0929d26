"""``miyun rules``: lint, list and publish."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.commands import group

if TYPE_CHECKING:
    from schemas.city import City

CityOption = Annotated[
    Path | None,
    typer.Option("--city", help="Folder of the city (default: MIYUN_CITY_DIR, deploy/miyun)."),
]
NamespaceOption = Annotated[str | None, typer.Option("--namespace", help="Default: MIYUN_NAMESPACE.")]


def register(root: typer.Typer) -> None:
    """Add ``miyun rules`` to the root."""
    rules = group(root, "rules", "Safety thresholds as data: check, list and publish them.")
    rules.command("lint")(lint)
    rules.command("list")(list_rules)
    rules.command("publish")(publish)


def lint(
    city: CityOption = None,
    at: Annotated[str | None, typer.Option(help="Instant of use, RFC 3339 (default: now).")] = None,
) -> None:
    """Check a city's files: every mistake at once, with file, line and what would be right.

    Example: miyun rules lint --city deploy/miyun --at 2026-01-13T19:00:00+08:00

    Prints one line per mistake and exits with 1, or says how much was checked.
    """
    from services.plans.compiler import compile_city
    from services.runtime.settings import load_settings

    folder = city or load_settings().city_dir
    compiled = compile_city(_city(folder, _instant(at)), keys=())
    points = sum(len(station.points) for station in compiled.stations)
    typer.echo(
        f"{folder}: {len(compiled.rules)} rules, {len(compiled.stations)} stations, {points} points: ok"
    )


def list_rules(
    city: CityOption = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """List the rules of a city: limits by level, delays, gate, life safety, how well each is known.

    Example: miyun rules list --lang en
    """
    from rich.console import Console

    from services.plans.compiler import compile_city
    from services.plans.table import rules_table
    from services.runtime.settings import load_settings

    folder = city or load_settings().city_dir
    compiled = compile_city(_city(folder, _instant(None)), keys=())
    Console().print(rules_table(compiled.rules, chinese=lang == "zh"))


def publish(
    city: CityOption = None,
    namespace: NamespaceOption = None,
    clock: Annotated[str | None, typer.Option(help="wall or log (default: MIYUN_CLOCK).")] = None,
    clock_time: Annotated[
        str | None, typer.Option(help="Under clock=log: the time of the plan events, RFC 3339.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Who publishes; stands in the audit.")] = "operator",
    again: Annotated[
        bool, typer.Option("--again", help="Write the plan events even if the plan is active.")
    ] = False,
) -> None:
    """Compile a city and let the monitor judge by it from now on. A city with mistakes changes nothing.

    Makes the namespace's topics and this installation's signing keys at the first run. Publishing the
    plan that is active already writes nothing.

    Example: miyun rules publish --city deploy/miyun
    """
    import asyncio

    from schemas.headers import time_ms
    from services.plans.folder import CityError
    from services.plans.publish import publish as publish_city
    from services.runtime.settings import load_settings

    settings = load_settings(namespace=namespace, clock=clock)
    at_ms = None if clock_time is None else time_ms(clock_time)
    try:
        done = asyncio.run(
            publish_city(settings, city or settings.city_dir, actor=actor, at_ms=at_ms, again=again)
        )
    except (CityError, NotADirectoryError) as error:
        raise _refused(error) from None
    what = "published" if done.new else "is active already, nothing written"
    plan = done.plan
    points = sum(len(station.points) for station in plan.stations)
    typer.echo(
        f"plan {done.plan_id[:12]} {what} in {settings.namespace}: "
        f"{len(plan.rules)} rules, {len(plan.stations)} stations, {points} points"
    )


def _instant(text: str | None) -> int:
    import time

    from schemas.headers import time_ms

    if text is None:
        return time.time_ns() // 1_000_000
    try:
        return time_ms(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; for example 2026-01-13T19:00:00+08:00") from None


def _city(folder: Path, at_ms: int) -> "City":
    from services.plans.folder import CityError, load_city

    try:
        return load_city(folder, at_ms=at_ms)
    except (CityError, NotADirectoryError) as error:
        raise _refused(error) from None


def _refused(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)
