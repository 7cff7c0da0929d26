"""``miyun recorder run | adopt | reset`` and ``drain``. Only signatures and help."""

from typing import Annotated

import typer

from services.runtime.command_line import Clock, Lang, Namespace, Yes, group, saying
from services.runtime.command_line import run as run_command


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    recorder = group(root, "recorder", "Store what the monitor says in the database.")
    recorder.command("run")(run)
    recorder.command("adopt")(adopt)
    recorder.command("reset")(reset)
    root.command("drain")(drain)


def run(namespace: Namespace = None, clock: Clock = None) -> None:
    """Store what the monitor says of a namespace until stopped.

    That is alerts, aggregates, outcomes and rejects, and the plans that were published.

    Makes and migrates the schema at its start; waits for the broker and the database when they are away,
    and loses nothing. Logs go to stderr, one line each. Exit code 1 after a failure: start it again. Exit
    code 3 when what is stored is of another log: look at what it says, a restart does not help.

    Example: miyun recorder run --namespace demo --clock log
    """
    from services.recorder.recorder import run as run_recorder
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    run_process(run_recorder(load_settings(namespace=namespace, clock=clock)))


def adopt(
    namespace: Namespace = None,
    every: Annotated[bool, typer.Option("--all", help="All topics, whatever they hold.")] = False,
    yes: Yes = False,
    lang: Lang = "en",
) -> None:
    """Read topics of another log than the stored one from their start.

    For topics that were deleted and made again, or a broker whose data were restored. Prints per partition
    what is stored and what the broker has, and does nothing without --yes. Rows stay; records that were
    stored before change nothing. Stop the recorder first.

    Example: miyun recorder adopt --namespace live --yes
    """
    from services.recorder.adoption import adopt as work

    say = saying(lang)
    run_command(lambda settings: work(settings, every=every, yes=yes, say=say), lang, namespace=namespace)


def reset(namespace: Namespace = None, yes: Yes = False, lang: Lang = "en") -> None:
    """Drop the schema of a namespace, with all that is stored in it. Never that of ``live``.

    Topics stay: a recorder that starts afterwards stores again what they still hold. Stop the recorder first.

    Example: miyun recorder reset --namespace replay --yes
    """
    from services.recorder.adoption import reset as work

    run_command(lambda settings: work(settings, yes=yes, say=saying(lang)), lang, namespace=namespace)


def drain(
    namespace: Namespace = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait at most.")] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print objects, one a line.")] = False,
    lang: Lang = "en",
) -> None:
    """Wait until all that the log holds now is judged and stored.

    Prints how much is left every two seconds. The monitor says what it has judged at its checkpoints, every
    30 s unless MIYUN_CHECKPOINT_EVERY_S says otherwise. Exit code 1 when the time is over.

    With --json a line is {"behind": {"events": 12}, "done": false, "text": "..."}: records to go by topic,
    and whether that is all; done is true in the last line only.

    Example: miyun drain --namespace replay --timeout 120
    """
    import json

    from services.recorder.drain import Drained
    from services.recorder.drain import drain as work

    def say(now: Drained) -> None:
        facts = {"behind": now.behind, "done": now.done, "text": now.text[lang]}
        typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else now.text[lang])

    run_command(lambda settings: work(settings, timeout_s=timeout, say=say), lang, namespace=namespace)
