"""``miyun rules lint | test | publish`` and ``miyun assets check``."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.command_line import CityFolder, Clock, Lang, Namespace, group, refuse, refusing, run

if TYPE_CHECKING:
    from schemas.plan import Plan
    from services.plans.histories.prepared import Prepared
    from services.runtime.settings import Settings
    from services.runtime.words import ByLanguage, Language

AtOption = Annotated[
    str | None,
    typer.Option(help="Instant of use, RFC 3339 (default: now; under clock=log MIYUN_CITY_START)."),
]


def register(root: typer.Typer) -> None:
    """Add ``miyun rules`` and ``miyun assets`` to the root."""
    rules = group(root, "rules", "Safety thresholds as data: check, list and publish them.")
    rules.command("lint")(lint)
    rules.command("test")(try_rules)
    rules.command("publish")(publish)
    assets = group(root, "assets", "Towns, stations, points and links as data: check them.")
    assets.command("check")(check)


def lint(city: CityFolder = None, at: AtOption = None, lang: Lang = "en") -> None:
    """Check a city's files and tell every mistake with its line.

    Example: miyun rules lint --city deploy/miyun --at 2026-01-13T19:00:00+08:00

    Prints one line per mistake, with what would be right, and exits with 1; or says how much was checked.
    """
    from services.plans.city.folder import load_city
    from services.plans.compile.compiler import compile_city
    from services.runtime.settings import load_settings

    settings = load_settings()
    folder = city or settings.city_dir
    compiled = compile_city(load_city(folder, at_ms=_instant_of_use_ms(at, settings)), keys=())
    typer.echo(_text("lint_ok", folder=folder, size=_size(compiled))[lang])


def try_rules(
    rule: Annotated[str | None, typer.Argument(help="Only this rule's histories.")] = None,
    city: CityFolder = None,
    lang: Lang = "en",
) -> None:
    """Try the rules by histories of readings and expected alerts.

    The histories stand in the city's folder histories: what instruments read, and every alert that must come
    of it. No server is needed. Run it after a limit or a delay was changed: what a history expects has to be
    changed with it.

    Example: miyun rules test gas.chamber_lel

    Prints a line per history, and below one that fails what was expected and what came (exit code 1).
    """
    from services.plans.histories.prepared import load_histories
    from services.runtime.settings import load_settings

    folder = city or load_settings().city_dir
    with refusing("", lang, also={OSError: 1}):
        found = load_histories(folder, rule=rule)
    if not found:
        key = "no_histories_of" if rule else "no_histories"
        refuse(_text(key, folder=folder, rule=rule), lang)
    failed = sum(not _passes(prepared, lang) for prepared in found)
    rules = len({prepared.history.rule for prepared in found})
    size = _text("of_one" if rules == 1 else "of_rules", histories=len(found), rules=rules)
    typer.echo(_text("some_fail" if failed else "all_pass", size=size, failed=failed)[lang])
    if failed:
        raise typer.Exit(1)


def publish(  # noqa: PLR0913  # an option is an argument
    city: CityFolder = None,
    namespace: Namespace = None,
    clock: Clock = None,
    clock_time: Annotated[
        str | None, typer.Option(help="Under clock=log: the time of the plan events, RFC 3339.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Who publishes; stands in the audit.")] = "operator",
    again: Annotated[
        bool, typer.Option("--again", help="Write the plan events even if the plan is active.")
    ] = False,
    lang: Lang = "en",
) -> None:
    """Compile a city and let the monitor judge by it from now on. A city with mistakes changes nothing.

    Makes the namespace's topics and this installation's signing keys at the first run. Publishing the
    plan that is active already writes nothing.

    Prints the plan's name and size, or every mistake with file and line (exit code 1).

    Example: miyun rules publish --city deploy/miyun
    """
    from services.plans.publish.publisher import publish as publish_city
    from services.runtime.screen import short_sha
    from services.runtime.settings import load_settings

    settings = load_settings(namespace=namespace, clock=clock)
    if clock_time is not None and settings.clock == "wall":
        raise typer.BadParameter("under clock=wall the broker tells the time", param_hint="--clock-time")
    at_ms = None if clock_time is None else _instant_ms(clock_time)
    folder = city or settings.city_dir
    done = run(
        lambda settings: publish_city(settings, folder, actor=actor, at_ms=at_ms, again=again),
        lang,
        namespace=namespace,
        clock=clock,
    )
    told = {"plan": short_sha(done.plan_id), "namespace": settings.namespace, "size": _size(done.plan)}
    typer.echo(_text("published" if done.new else "active", **told)[lang])


def check(city: CityFolder = None, at: AtOption = None, lang: Lang = "en") -> None:
    """Check a city's assets and tell every mistake with its line.

    Stations outside the district, far from their town or entered twice; two of one name; links that end
    nowhere, cross systems or run in a circle; what should be fed and is not; names in one language only.
    Mistakes in rules and calendars are told too: nothing is published while there are any.

    Example: miyun assets check --city deploy/miyun

    Prints one line per mistake, with what would be right, and exits with 1, or a table with a line per
    system: stations, points (with those that are computed), towns, links, and readings per second of points
    that report at intervals (what is sent on change comes on top).

    To mend the shipped city, change tools/city_generator/gazetteer.yaml, run python -m tools.city_generator;
    another city's files are written by hand.
    """
    from services.plans.asset_table import table
    from services.plans.city.folder import load_city
    from services.runtime import screen
    from services.runtime.settings import load_settings

    settings = load_settings()
    read = load_city(city or settings.city_dir, at_ms=_instant_of_use_ms(at, settings))
    screen.show(table(read, lang))


def _instant_of_use_ms(at: str | None, settings: "Settings") -> int:
    """The instant given, or the default one; no broker is needed for it. Epoch ms."""
    import time

    if at is not None:
        return _instant_ms(at)
    return _instant_ms(settings.city_start) if settings.clock == "log" else time.time_ns() // 1_000_000


def _instant_ms(text: str) -> int:
    """An RFC 3339 instant as epoch ms.

    Raises:
        typer.BadParameter: it is none.
    """
    from schemas.headers import time_ms

    try:
        return time_ms(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; for example 2026-01-13T19:00:00+08:00") from None


def _passes(prepared: "Prepared", language: "Language") -> bool:
    """Play a history and say how it went."""
    differences, history = prepared.differences(), prepared.history
    traits = f" ({', '.join(history.traits)})" if history.traits else ""
    told = {"rule": history.rule, "station": history.station, "traits": traits, "name": history.name}
    line = _text("history", **told)
    typer.echo(_text("fails" if differences else "passes", history=line)[language])
    for difference in differences:
        typer.echo(f"       {difference}")
    return not differences


def _size(plan: "Plan") -> "ByLanguage":
    points = sum(len(station.points) for station in plan.stations)
    return _text("size", rules=len(plan.rules), stations=len(plan.stations), points=points)


def _text(key: str, **parts: object) -> "ByLanguage":
    from services.plans.words import SENTENCES
    from services.runtime.words import sentence

    return sentence(SENTENCES, key, **parts)
