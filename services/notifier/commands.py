"""``miyun notifier run | adopt`` and ``catcher run``. Only signatures and help; the rest is loaded late."""

import typer

from services.runtime.command_line import Clock, Lang, Namespace, Yes, group, saying
from services.runtime.command_line import run as run_command


def register(root: typer.Typer) -> None:
    """Add the commands to the root of ``miyun``."""
    notifier = group(root, "notifier", "Tell crews of alerts.")
    notifier.command("run")(run)
    notifier.command("adopt")(adopt)
    catcher = group(root, "catcher", "Catch on this machine what crews would be sent.")
    catcher.command("run")(catch)


def run(namespace: Namespace = None, clock: Clock = None) -> None:
    """Tell people of major and critical alerts until stopped.

    Reads people.yaml and routes.yaml in MIYUN_PEOPLE_DIR once, at the start. Mail goes to the server that
    MIYUN_MAIL_URL_FILE names, or else to the local catcher. Waits for broker, database and tables, and
    loses no message. Exit code 2: a file is wrong; 3: the log is another one; 1: any other failure.

    Example: miyun notifier run --namespace demo --clock log
    """
    from services.notifier.notifier import run as run_notifier
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    run_process(run_notifier(load_settings(namespace=namespace, clock=clock)))


def adopt(namespace: Namespace = None, yes: Yes = False, lang: Lang = "en") -> None:
    """Read the topic alerts from its start again: another log.

    As at a first start. Prints how far it was decided on. Messages that were queued stay as they are. Stop
    the notifier first.

    Example: miyun notifier adopt --namespace live --yes
    """
    from services.notifier.adoption import adopt as work

    run_command(lambda settings: work(settings, yes=yes, say=saying(lang)), lang, namespace=namespace)


def catch(namespace: Namespace = None) -> None:
    """Take mail and webhooks, keep them, show them in the browser.

    They are kept in MIYUN_STATE_DIR. Nothing leaves this machine. A message that comes again under the
    same id is counted and dropped. Listens on MIYUN_CATCHER_HOST, by itself loopback; the page is at
    MIYUN_CATCHER_PORT, in Chinese, or with ?lang=en in English.

    Example: miyun catcher run --namespace demo
    """
    from services.notifier.catcher.process import run as run_catcher
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    run_process(run_catcher(load_settings(namespace=namespace)))
