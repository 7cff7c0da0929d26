"""``miyun notifier run | adopt``, ``catcher run``, ``deliveries``.

Only signatures and help stand here; what a command needs is imported when it is called.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from services.runtime.commands import group

if TYPE_CHECKING:
    from services.runtime.words import Language

Namespace = Annotated[
    str | None, typer.Option("--namespace", metavar="NAME", help="Instead of MIYUN_NAMESPACE.")
]
Clock = Annotated[str | None, typer.Option("--clock", metavar="wall|log", help="Instead of MIYUN_CLOCK.")]


def register(root: typer.Typer) -> None:
    """Add the commands to the root of ``miyun``."""
    notifier = group(root, "notifier", "Tell crews of alerts.")
    notifier.command("run")(run)
    notifier.command("adopt")(adopt)
    catcher = group(root, "catcher", "Catch on this machine what crews would be sent.")
    catcher.command("run")(catch)
    root.command("deliveries")(deliveries)


def run(namespace: Namespace = None, clock: Clock = None) -> None:
    """Tell people of a namespace's major and critical alerts until stopped.

    Reads people.yaml and routes.yaml in MIYUN_PEOPLE_DIR once, at the start. Mail goes to the server that
    MIYUN_MAIL_URL_FILE names, or else to the local catcher. Waits for broker, database and tables, and
    loses no message. Exit code 2: a file is wrong; 3: the log is another one; 1: any other failure.

    Example: miyun notifier run --namespace demo --clock log
    """
    from services.notifier.notifier import run as run_notifier
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    async def main() -> None:
        await run_notifier(load_settings(namespace=namespace, clock=clock))

    run_process(main())


def adopt(
    namespace: Namespace = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, it is only shown.")] = False,
) -> None:
    """Read the topic alerts from its start again, as at a first start: another log is meant.

    Prints how far it was decided on. Messages that were queued stay as they are. Stop the notifier first.

    Example: miyun notifier adopt --namespace live --yes
    """
    from services.notifier.adoption import adopt as adopt_log
    from services.notifier.session import answer
    from services.runtime.settings import load_settings

    answer(adopt_log(load_settings(namespace=namespace), yes=yes, say=typer.echo))


def catch(namespace: Namespace = None) -> None:
    """Take mail and webhooks, keep them in MIYUN_STATE_DIR, and show them in the browser.

    Nothing leaves this machine. A message that comes again under the same id is counted and dropped. Listens
    on MIYUN_CATCHER_HOST, by itself loopback; the page is at MIYUN_CATCHER_PORT, in Chinese, or with ?lang=en
    in English.

    Example: miyun catcher run --namespace demo
    """
    from services.notifier.catcher.process import run as run_catcher
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    async def main() -> None:
        await run_catcher(load_settings(namespace=namespace))

    run_process(main())


def deliveries(
    namespace: Namespace = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that were given up.")] = False,
    alert: Annotated[
        str | None, typer.Option("--alert", metavar="ALERT", help="Only of alerts whose id begins so.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 50,
    lang: Annotated[
        str, typer.Option("--lang", metavar="zh|en", help="Language of words and headlines.")
    ] = "zh",
) -> None:
    """Who was told of what, the latest first.

    Prints for each message when the alert changed (by the city's clock), alert and seq, what it is about,
    recipient, channel, state, how often it was tried, the reason of the last failure, and the headline.

    Example: miyun deliveries --failed
    """
    from services.notifier.delivery_list import Wanted, print_list
    from services.notifier.session import answer
    from services.runtime.settings import load_settings

    wanted = Wanted(failed=failed, alert=alert, limit=limit)
    answer(print_list(load_settings(namespace=namespace), wanted, _language(lang)))


def _language(text: str) -> "Language":
    match text:
        case "zh" | "en":
            return text
        case _:
            raise typer.BadParameter("zh or en", param_hint="--lang")
