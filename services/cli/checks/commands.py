"""``miyun status`` and ``miyun doctor``. Only signatures and help; the rest is imported when it is called."""

import typer

from services.runtime.command_line import Clock, Lang, Namespace, run


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    root.command("status")(status)
    root.command("doctor")(doctor)


def status(namespace: Namespace = None, clock: Clock = None, lang: Lang = "en") -> None:
    """How the city and its monitor are, on one screen.

    Prints the namespace, the city's clock, broker, database, services, plan, lag, open alerts,
    reporting stations and rejects, each with what to do when something is wrong. Exit code 0 only
    when all is well.

    Example: miyun status
    """
    from services.cli.checks.report import show
    from services.cli.checks.status import report

    if not show(run(report, lang, namespace=namespace, clock=clock), lang, verdicts=False):
        raise typer.Exit(1)


def doctor(namespace: Namespace = None, clock: Clock = None, lang: Lang = "en") -> None:
    """Check all that the monitor needs, and say what to do.

    Prints one line per check, ok or problem, with a remedy. Changes nothing. Exit code 1 if there
    is any problem.

    Example: miyun doctor
    """
    from services.cli.checks.doctor import report
    from services.cli.checks.report import show

    if not show(run(report, lang, namespace=namespace, clock=clock), lang, verdicts=True):
        raise typer.Exit(1)
