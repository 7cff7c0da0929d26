"""Commands that only show something. Only signatures and help; the rest is imported when one is called."""

from functools import partial
from typing import Annotated, Literal

import typer

from services.runtime.command_line import CityFolder, Clock, Lang, Limit, Namespace, group, run

SystemOption = Annotated[
    str | None, typer.Option("--system", help="By id or name, such as gas, heating or 供热.")
]
TownOption = Annotated[
    str | None, typer.Option("--town", help="The town's name, or its code or the beginning of it.")
]


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    root.command("coverage")(coverage)
    root.command("deliveries")(deliveries)
    root.command("env")(env)
    alerts = group(root, "alerts", "Alerts: look at them, follow them.")
    alerts.command("list")(list_alerts)
    alerts.command("show")(show_alert)
    alerts.command("tail")(tail)
    group(root, "inspections", "What people and cameras have found.").command("list")(list_inspections)
    rejects = group(root, "rejects", "What could not be taken, and why.")
    rejects.command("list")(list_rejects)
    rejects.command("show")(show_reject)
    group(root, "rules", "Safety thresholds as data: check, list and publish them.").command("list")(
        list_rules
    )


def coverage(  # noqa: PLR0913  # an option is an argument
    by: Annotated[
        Literal["town", "system", "both"], typer.Option("--by", help="How the shares are told apart.")
    ] = "both",
    instruments: Annotated[
        bool,
        typer.Option(
            "--instruments", help="Instead: instruments, clocks and sources that misbehave, and how."
        ),
    ] = False,
    lang: Lang = "zh",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Lines of each kind at most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with everything.")] = False,
    namespace: Namespace = None,
    clock: Clock = None,
) -> None:
    """How much of the city is heard, and what is missing.

    Prints first how far monitor and recorder are behind: what they have not taken yet is not silence.
    Then the share of points seen in time, of those that devices have to report, and what is missing:
    sources all of whose stations are silent, stations silent on their own, sensors silent at a station
    that speaks, and stations never heard of, each with since when (city time) and where to look.

    With --instruments: what is heard but cannot be trusted as it is. Wrong clocks, two values of one instant,
    readings of no use or beyond the range, odd values, silence, repeats: each with its station, point or
    source, since when, whether it goes on, how often in the last 24 hours, and what to do. None of it hides a
    danger: such readings are judged as far as they can be.

    Example: miyun coverage --by system --lang en

    Example: miyun coverage --instruments --json
    """
    if instruments:
        _show_instruments(lang, limit=limit, as_json=as_json, namespace=namespace, clock=clock)
        return
    from services.cli.shown.coverage import as_document, look

    found = run(look, lang, namespace=namespace, clock=clock)
    if as_json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(as_document(found, by))).decode())
        return
    from services.cli.shown.coverage_page import Page, show

    show(Page(coverage=found, by=by, language=lang, limit=limit))


def _show_instruments(
    lang: Lang, *, limit: int, as_json: bool, namespace: str | None, clock: str | None
) -> None:
    from services.cli.shown.instruments import as_document, look

    found = run(look, lang, namespace=namespace, clock=clock)
    if as_json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(as_document(found))).decode())
        return
    from services.cli.shown.instruments_page import Page, show

    show(Page(instruments=found, language=lang, limit=limit))


def deliveries(
    namespace: Namespace = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that did not arrive and are not tried again.")
    ] = False,
    alert: Annotated[
        str | None, typer.Option("--alert", metavar="ALERT", help="Only of alerts whose id begins so.")
    ] = None,
    limit: Limit = 50,
    lang: Lang = "zh",
) -> None:
    """Who was told of what, the latest first.

    Prints for each message when the alert changed (by the city's clock), alert and seq, what it is about,
    recipient, channel, state, how often it was tried, the reason of the last failure, and the headline.

    Example: miyun deliveries --failed
    """
    from services.cli.shown.lists import show_deliveries

    work = partial(show_deliveries, language=lang, failed=failed, alert=alert, limit=limit)
    run(work, lang, namespace=namespace)


def env(
    namespace: Namespace = None,
    clock: Clock = None,
    shell: Annotated[bool, typer.Option("--shell", help="Assignments for eval (the default).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print where the running stack is, as shell assignments.

    Broker, database, addresses of services, folders, and all other settings in force. The database's password
    is not printed, but the file that psql and other programs find it in: PGPASSFILE.

    Example: eval "$(.venv/bin/miyun env)"; psql "$MIYUN_DATABASE_URL"
    """
    from services.cli.shown import environment
    from services.runtime.settings import load_settings

    if shell and as_json:
        raise typer.BadParameter("--shell and --json exclude each other")
    found = environment.variables(load_settings(namespace=namespace, clock=clock))
    typer.echo(environment.as_json(found) if as_json else environment.as_shell(found))
    if environment.has_password(found["MIYUN_DATABASE_URL"]):
        told = "holds a password, which ps shows where it is an argument: put it into a file for PGPASSFILE"
        typer.echo(f"miyun: MIYUN_DATABASE_URL {told}", err=True)


def list_alerts(  # noqa: PLR0913  # each is an option
    namespace: Namespace = None,
    every: Annotated[bool, typer.Option("--all/--open", help="Closed ones, too, the newest first.")] = False,
    severity: Annotated[
        Literal["notice", "warn", "major", "critical"] | None,
        typer.Option("--severity", help="This severity and those above it."),
    ] = None,
    system: SystemOption = None,
    town: TownOption = None,
    limit: Limit = 50,
    lang: Lang = "zh",
) -> None:
    """The open alerts, the most urgent first.

    Prints for each the beginning of its id, since when, severity, state, and its headline.

    Example: miyun alerts list --severity major --system gas
    """
    from services.cli.shown.alert_list import AlertFilter, show_alerts

    wanted = AlertFilter(closed_too=every, severity=severity, system=system, town=town, limit=limit)
    run(lambda settings: show_alerts(settings, wanted, lang), lang, namespace=namespace)


def show_alert(
    alert: Annotated[
        str, typer.Argument(metavar="ALERT", help="Its id, or the beginning: 4 characters or more.")
    ],
    namespace: Namespace = None,
    lang: Lang = "zh",
) -> None:
    """Everything about one alert, with its evidence and its history.

    What, where, since when, what to do, the readings that decided, and every transition.

    Example: miyun alerts show 3f2a9c01
    """
    from services.cli.shown.alert_page import show_alert as show

    run(lambda settings: show(settings, alert, lang), lang, namespace=namespace)


def tail(  # noqa: PLR0913  # an option is an argument
    last: Annotated[int, typer.Option("--last", min=0, help="Show so many open alerts first.")] = 20,
    since_start: Annotated[
        bool, typer.Option("--since-start", help="First every transition that the topic still holds.")
    ] = False,
    lang: Lang = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON snapshot a line.")] = False,
    count: Annotated[
        int | None, typer.Option("--count", min=1, help="End after so many transitions.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", min=0.1, help="End after so many seconds.")
    ] = None,
    namespace: Namespace = None,
    clock: Clock = None,
) -> None:
    """Follow the alerts live, a line per transition; first those open.

    A line is: the city's time, severity, what happened, short id, headline. Ctrl-C ends it. With
    --count and --timeout the exit code is 1 when the time was over first.

    Example: miyun alerts tail --last 5 --lang en
    """
    from services.cli.shown.alerts_tail import TailOrder
    from services.cli.shown.alerts_tail import tail as follow

    order = TailOrder(
        language=lang,
        last=last,
        since_start=since_start,
        as_json=as_json,
        count=count,
        timeout_s=timeout,
    )
    run(lambda settings: follow(settings, order), lang, namespace=namespace, clock=clock)


def list_inspections(
    namespace: Namespace = None,
    system: SystemOption = None,
    town: TownOption = None,
    limit: Limit = 50,
    lang: Lang = "zh",
) -> None:
    """The latest inspections: when, where, how, class, by whom, and what was found.

    Example: miyun inspections list --system sewer --town 鼓楼街道
    """
    from services.cli.shown.lists import show_inspections

    work = partial(show_inspections, language=lang, system=system, town=town, limit=limit)
    run(work, lang, namespace=namespace)


def list_rejects(
    namespace: Namespace = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Such as not_json.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Who sent it.")] = None,
    limit: Limit = 50,
    lang: Lang = "en",
) -> None:
    """What could not be taken, the newest first.

    Prints for each when it was rejected, from whom it came, why, and where it stands.

    Example: miyun rejects list --reason clock_fault --source gw-03
    """
    from services.cli.shown.lists import show_rejects

    work = partial(show_rejects, language=lang, reason=reason, source=source, limit=limit)
    run(work, lang, namespace=namespace)


def show_reject(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number in `miyun rejects list`.")],
    namespace: Namespace = None,
    raw: Annotated[bool, typer.Option("--raw", help="Only the original's bytes, as they came.")] = False,
    lang: Lang = "en",
) -> None:
    """One rejected record: why, from where, its headers, and the original.

    Example: miyun rejects show 17
    """
    from services.cli.shown.reject_page import show_reject as show

    run(lambda settings: show(settings, number, lang, raw=raw), lang, namespace=namespace)


def list_rules(city: CityFolder = None, lang: Lang = "zh") -> None:
    """List the rules of a city's files: limits, delays, gates, sources.

    The source says how well each limit is known. A limit below its point's danger reads <, above it ≥;
    states stand in words. Delays are on/off, in time or good scans (2x). Indented below a rule: where
    other limits hold (LS: points of life safety).

    Example: miyun rules list --lang en
    """
    from services.cli.shown.rules import show_rules
    from services.plans.city.folder import load_city
    from services.runtime.settings import load_settings

    show_rules(load_city(city or load_settings().city_dir, at_ms=None), lang)
