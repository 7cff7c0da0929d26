"""``miyun ack`` and ``miyun comment``. Only signatures and help; the rest is imported when it is called."""

from typing import Annotated

import typer

from services.runtime.command_line import Clock, Lang, Namespace, run

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


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    root.command("ack")(ack)
    root.command("comment")(comment)


def ack(  # noqa: PLR0913  # an option is an argument
    alert: AlertId,
    actor: Actor = None,
    note: Annotated[str, typer.Option("--note", help="A word about it, kept in the timeline.")] = "",
    timeout: Patience = 60.0,
    namespace: Namespace = None,
    clock: Clock = None,
    lang: Lang = "en",
) -> None:
    """Acknowledge an alert: say that a person has seen it.

    Prints the alert, then whether the monitor applied it or why not (exit code 1).

    Example: miyun ack 3f2a --actor wang.li --note "crew is on its way"
    """
    from services.cli.acting.alert_commands import AlertCommand, carry_out
    from services.cli.acting.people import actor_name, checked_text

    body = {"note": checked_text(note)} if note else {}
    wanted = AlertCommand(name="ack", alert=alert, actor=actor_name(actor), body=body, timeout_s=timeout)
    run(lambda settings: carry_out(settings, wanted, lang), lang, namespace=namespace, clock=clock)


def comment(  # noqa: PLR0913  # an option is an argument
    alert: AlertId,
    text: Annotated[str, typer.Argument(help="What to add to the alert's timeline.")],
    actor: Actor = None,
    timeout: Patience = 60.0,
    namespace: Namespace = None,
    clock: Clock = None,
    lang: Lang = "en",
) -> None:
    """Add a person's words to an alert's timeline.

    Prints the alert, then whether the monitor applied it or why not (exit code 1).

    Example: miyun comment 3f2a "valve 12 closed at 19:20"
    """
    from services.cli.acting.alert_commands import AlertCommand, carry_out
    from services.cli.acting.people import actor_name, checked_text

    body = {"text": checked_text(text)}
    wanted = AlertCommand(name="comment", alert=alert, actor=actor_name(actor), body=body, timeout_s=timeout)
    run(lambda settings: carry_out(settings, wanted, lang), lang, namespace=namespace, clock=clock)
