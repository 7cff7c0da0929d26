"""``miyun monitor run | adopt``. Only signatures and help; the rest is imported when it is called."""

from typing import Annotated

import typer

from services.runtime.command_line import Clock, Lang, Namespace, Yes, group, saying
from services.runtime.command_line import run as run_command


def register(root: typer.Typer) -> None:
    """Add the monitor's commands to ``miyun``."""
    monitor = group(root, "monitor", "Judge the log of events against the safety rules.")
    monitor.command("run")(run)
    monitor.command("adopt")(adopt)


def run(namespace: Namespace = None, clock: Clock = None) -> None:
    """Judge a namespace's events until stopped.

    SIGTERM takes a last checkpoint and hands over. Any number of workers share the 16 partitions of a
    namespace. Logs go to stderr, one line each. Exit code 1 after a failure: start it again. Exit code 3
    when the checkpoint is not of this log: look at what it says, a restart does not help.

    Example: miyun monitor run --namespace demo --clock log
    """
    from services.monitor.app import run as run_monitor
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    run_process(run_monitor(load_settings(namespace=namespace, clock=clock)))


def adopt(
    namespace: Namespace = None,
    clock: Clock = None,
    every: Annotated[bool, typer.Option("--all", help="All partitions, whatever they hold.")] = False,
    yes: Yes = False,
    lang: Lang = "en",
) -> None:
    """Forget the checkpoints of partitions whose log is another one.

    These are read anew from the start. For topics that were deleted and made again, or a broker whose
    data were restored. Shows per partition what the checkpoint expects and what the log holds, and does
    nothing without --yes. Stop the monitor first. Alerts that were open by the old log are closed as
    orphaned by a later census.

    Example: miyun monitor adopt --namespace live --yes
    """
    from services.monitor.logic import STREAM
    from services.streaming.adoption import adopt as work

    run_command(
        lambda settings: work(settings, STREAM, every=every, yes=yes, say=saying(lang)),
        lang,
        namespace=namespace,
        clock=clock,
    )
