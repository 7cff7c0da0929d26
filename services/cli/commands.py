"""The package's own commands: what a person at a keyboard needs of the running city.

Only signatures and help stand here; what a command needs is imported when it is called, so that
``miyun --help`` is quick.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.people import actor_name, checked_text
from services.runtime.commands import group

if TYPE_CHECKING:
    from services.cli.coverage import By
    from services.runtime.words import Language

Namespace = Annotated[
    str | None, typer.Option("--namespace", metavar="NAME", help="Instead of MIYUN_NAMESPACE.")
]
Clock = Annotated[str | None, typer.Option("--clock", metavar="wall|log", help="Instead of MIYUN_CLOCK.")]
AlertId = Annotated[
    str,
    typer.Argument(
        metavar="ALERT",
        help="The alert's id, or its beginning: 4 characters or more, as many as it takes to be unique.",
    ),
]
Actor = Annotated[str | None, typer.Option("--actor", metavar="NAME", help="Who does it; default: $USER.")]
Patience = Annotated[
    float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the monitor's answer.")
]
Languages = Annotated[str, typer.Option("--lang", metavar="zh|en", help="Language of words and headlines.")]


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    root.command("status")(status)
    root.command("coverage")(coverage)
    root.command("doctor")(doctor)
    root.command("env")(env)
    root.command("ack")(ack)
    root.command("comment")(comment)
    group(root, "alerts", "Alerts: look at them, follow them.").command("tail")(tail)


def status(namespace: Namespace = None, clock: Clock = None) -> None:
    """How the city and its monitor are, on one screen.

    Prints the namespace, the city's clock, broker, database, services, plan, lag, open alerts,
    reporting stations and rejects, each with what to do when something is wrong. Exit code 0 only
    when all is well.

    Example: miyun status
    """
    from services.cli.report import show
    from services.cli.session import run, settings_for
    from services.cli.status import report

    settings = settings_for(namespace, clock)
    if not show(run(settings, report(settings)), verdicts=False):
        raise typer.Exit(1)


def coverage(
    by: Annotated[
        str, typer.Option("--by", metavar="town|system|both", help="How the shares are told apart.")
    ] = "both",
    lang: Languages = "zh",
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

    Example: miyun coverage --by system --lang en
    """
    from services.cli.coverage import as_document, look
    from services.cli.session import run, settings_for

    language, wanted, settings = _language(lang), _by(by), settings_for(namespace, clock)
    found = run(settings, look(settings))
    if as_json:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(as_document(found, wanted))).decode())
        return
    from services.cli.coverage_page import Page, show

    show(Page(coverage=found, by=wanted, language=language, limit=limit))


def doctor(namespace: Namespace = None, clock: Clock = None) -> None:
    """Check everything the monitor needs and say what to do about what is wrong.

    Prints one line per check, ok or problem, with a remedy. Changes nothing. Exit code 1 if there
    is any problem.

    Example: miyun doctor
    """
    from services.cli.doctor import report
    from services.cli.report import show
    from services.cli.session import run, settings_for

    settings = settings_for(namespace, clock)
    if not show(run(settings, report(settings)), verdicts=True):
        raise typer.Exit(1)


def env(
    namespace: Namespace = None,
    clock: Clock = None,
    shell: Annotated[bool, typer.Option("--shell", help="Assignments for eval (the default).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print where the running stack is: broker, database, services, folders.

    The database's password is not printed, but the file that psql and other programs find it in: PGPASSFILE.

    Example: eval "$(.venv/bin/miyun env)"; psql "$MIYUN_DATABASE_URL"
    """
    from services.cli import environment
    from services.cli.session import settings_for

    if shell and as_json:
        raise typer.BadParameter("--shell and --json exclude each other")
    found = environment.variables(settings_for(namespace, clock))
    typer.echo(environment.as_json(found) if as_json else environment.as_shell(found))
    if environment.has_password(found["MIYUN_DATABASE_URL"]):
        told = "holds a password, which ps shows where it is an argument: put it into a file for PGPASSFILE"
        typer.echo(f"miyun: MIYUN_DATABASE_URL {told}", err=True)


def tail(  # noqa: PLR0913  # an option is an argument
    last: Annotated[int, typer.Option("--last", min=0, help="Show so many open alerts first.")] = 20,
    since_start: Annotated[
        bool, typer.Option("--since-start", help="First every transition that the topic still holds.")
    ] = False,
    lang: Languages = "zh",
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
    """Follow the alerts live, one line per transition, beginning with those that are open.

    A line is: the city's time, severity, what happened, short id, headline. Ctrl-C ends it. With
    --count and --timeout the exit code is 1 when the time was over first.

    Example: miyun alerts tail --last 5 --lang en
    """
    from services.cli.alerts_tail import TailOrder
    from services.cli.alerts_tail import tail as follow
    from services.cli.session import run, settings_for

    settings = settings_for(namespace, clock)
    order = TailOrder(
        language=_language(lang),
        last=last,
        since_start=since_start,
        as_json=as_json,
        count=count,
        timeout_s=timeout,
    )
    run(settings, follow(settings, order))


def ack(
    alert: AlertId,
    actor: Actor = None,
    note: Annotated[str, typer.Option("--note", help="A word about it, kept in the timeline.")] = "",
    timeout: Patience = 60.0,
    namespace: Namespace = None,
    clock: Clock = None,
) -> None:
    """Acknowledge an alert: say that a person has seen it.

    Prints the alert, then whether the monitor applied it or why not (exit code 1).

    Example: miyun ack 3f2a --actor wang.li --note "crew is on its way"
    """
    from services.cli.act import Act, carry_out
    from services.cli.session import run, settings_for

    settings = settings_for(namespace, clock)
    body = {"note": checked_text(note)} if note else {}
    act = Act(name="ack", alert=alert, actor=actor_name(actor), body=body, timeout_s=timeout)
    run(settings, carry_out(settings, act))


def comment(
    alert: AlertId,
    text: Annotated[str, typer.Argument(help="What to add to the alert's timeline.")],
    actor: Actor = None,
    timeout: Patience = 60.0,
    namespace: Namespace = None,
    clock: Clock = None,
) -> None:
    """Add a person's words to an alert's timeline.

    Prints the alert, then whether the monitor applied it or why not (exit code 1).

    Example: miyun comment 3f2a "valve 12 closed at 19:20"
    """
    from services.cli.act import Act, carry_out
    from services.cli.session import run, settings_for

    settings = settings_for(namespace, clock)
    act = Act(
        name="comment",
        alert=alert,
        actor=actor_name(actor),
        body={"text": checked_text(text)},
        timeout_s=timeout,
    )
    run(settings, carry_out(settings, act))


def _by(text: str) -> "By":
    match text:
        case "town" | "system" | "both":
            return text
        case _:
            raise typer.BadParameter("--by is town, system or both")


def _language(text: str) -> "Language":
    if text == "zh":
        return "zh"
    if text == "en":
        return "en"
    raise typer.BadParameter("--lang is zh or en")
