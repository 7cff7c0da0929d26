"""``miyun recorder run | adopt | reset``, ``drain``, ``alerts list | show``, ``inspections list``,
``rejects list | show``.

Only signatures and help stand here; what a command needs is imported when it is called, so that
``miyun --help`` is quick.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from schemas.base import Severity
from services.runtime.commands import group

if TYPE_CHECKING:
    from services.runtime.settings import Settings
    from services.runtime.words import Language

Namespace = Annotated[
    str | None, typer.Option("--namespace", metavar="NAME", help="Instead of MIYUN_NAMESPACE.")
]
Clock = Annotated[str | None, typer.Option("--clock", metavar="wall|log", help="Instead of MIYUN_CLOCK.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, it is only shown.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")]
System = Annotated[str | None, typer.Option("--system", help="By id or name, such as gas, heating or 供热.")]
Town = Annotated[
    str | None, typer.Option("--town", help="The town's name, or its code or the beginning of it.")
]
Languages = Annotated[str, typer.Option("--lang", metavar="zh|en", help="Language of words and headlines.")]


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    recorder = group(root, "recorder", "Store what the monitor says in the database.")
    recorder.command("run")(run)
    recorder.command("adopt")(adopt)
    recorder.command("reset")(reset)
    root.command("drain")(drain)
    alerts = group(root, "alerts", "Alerts: look at them, follow them.")
    alerts.command("list")(list_alerts)
    alerts.command("show")(show_alert)
    inspections = group(root, "inspections", "What people and cameras have found.")
    inspections.command("list")(list_inspections)
    rejects = group(root, "rejects", "What could not be taken, and why.")
    rejects.command("list")(list_rejects)
    rejects.command("show")(show_reject)


def run(namespace: Namespace = None, clock: Clock = None) -> None:
    """Store a namespace's alerts, aggregates, outcomes, rejects and plans until stopped.

    Makes and migrates the schema at its start; waits for the broker and the database when they are away,
    and loses nothing. Logs go to stderr, one line each. Exit code 1 after a failure: start it again. Exit
    code 3 when what is stored is of another log: look at what it says, a restart does not help.

    Example: miyun recorder run --namespace demo --clock log
    """
    from services.recorder.recorder import run as run_recorder
    from services.runtime.processes import run as run_process
    from services.runtime.settings import load_settings

    async def main() -> None:
        await run_recorder(load_settings(namespace=namespace, clock=clock))

    run_process(main())


def adopt(
    namespace: Namespace = None,
    every: Annotated[bool, typer.Option("--all", help="All topics, whatever they hold.")] = False,
    yes: Yes = False,
) -> None:
    """Read topics from their start again whose log is not the one that was stored.

    For topics that were deleted and made again, or a broker whose data were restored. Prints per partition
    what is stored and what the broker has, and does nothing without --yes. Rows stay; records that were
    stored before change nothing. Stop the recorder first.

    Example: miyun recorder adopt --namespace live --yes
    """
    from services.recorder.adoption import adopt as adopt_topics

    settings = _settings(namespace)
    _answer(settings, adopt_topics(settings, every=every, yes=yes, say=typer.echo))


def reset(namespace: Namespace = None, yes: Yes = False) -> None:
    """Drop the schema of a namespace, with all that is stored in it. Never that of ``live``.

    Topics stay: a recorder that starts afterwards stores again what they still hold. Stop the recorder first.

    Example: miyun recorder reset --namespace replay --yes
    """
    from services.recorder.adoption import reset as reset_schema

    settings = _settings(namespace)
    _answer(settings, reset_schema(settings, yes=yes, say=typer.echo))


def drain(
    namespace: Namespace = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait at most.")] = 600.0,
) -> None:
    """Wait until everything that stands in the log now is judged and stored.

    Prints how much is left every two seconds. The monitor says what it has judged at its checkpoints, every
    30 s unless MIYUN_CHECKPOINT_EVERY_S says otherwise. Exit code 1 when the time is over.

    Example: miyun drain --namespace replay --timeout 120
    """
    from services.recorder.drain import drain as drain_log

    settings = _settings(namespace)
    _answer(settings, drain_log(settings, timeout_s=timeout, say=typer.echo))


def list_alerts(  # noqa: PLR0913  # each is an option
    namespace: Namespace = None,
    every: Annotated[bool, typer.Option("--all/--open", help="Closed ones, too, the newest first.")] = False,
    severity: Annotated[
        Severity | None, typer.Option("--severity", help="This severity and those above it.")
    ] = None,
    system: System = None,
    town: Town = None,
    limit: Limit = 50,
    lang: Languages = "zh",
) -> None:
    """The open alerts, the most urgent first.

    Prints for each the beginning of its id, since when, severity, state, and its headline.

    Example: miyun alerts list --severity major --system gas
    """
    from services.recorder.alert_list import Wanted, print_list

    language, settings = _language(lang), _settings(namespace)
    wanted = Wanted(closed_too=every, severity=severity, system=system, town=town, limit=limit)
    _answer(settings, print_list(settings, wanted, language))


def show_alert(
    alert: Annotated[
        str, typer.Argument(metavar="ALERT", help="Its id, or the beginning: 4 characters or more.")
    ],
    namespace: Namespace = None,
    lang: Languages = "zh",
) -> None:
    """Everything about one alert: what, where, since when, what to do, evidence, and its history.

    Example: miyun alerts show 3f2a9c01
    """
    from services.recorder.alert_page import print_page

    language, settings = _language(lang), _settings(namespace)
    _answer(settings, print_page(settings, alert, language))


def list_inspections(
    namespace: Namespace = None,
    system: System = None,
    town: Town = None,
    limit: Limit = 50,
    lang: Languages = "zh",
) -> None:
    """The latest inspections: when, where, how, class, by whom, and what was found.

    Example: miyun inspections list --system sewer --town 鼓楼街道
    """
    from services.recorder.inspection_list import Wanted, print_list

    language, settings = _language(lang), _settings(namespace)
    wanted = Wanted(system=system, town=town, limit=limit)
    _answer(settings, print_list(settings, wanted, language))


def list_rejects(
    namespace: Namespace = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Such as not_json.")] = None,
    source: Annotated[str | None, typer.Option("--source", help="Who sent it.")] = None,
    limit: Limit = 50,
) -> None:
    """What could not be taken, the newest first: when, from whom, why, and where it stands.

    Example: miyun rejects list --reason clock_fault --source gw-03
    """
    from services.recorder.reject_list import print_list

    settings = _settings(namespace)
    _answer(settings, print_list(settings, reason=reason, source=source, limit=limit))


def show_reject(
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number in `miyun rejects list`.")],
    namespace: Namespace = None,
    raw: Annotated[bool, typer.Option("--raw", help="Only the original's bytes, as they came.")] = False,
) -> None:
    """One rejected record: why, from where, its headers, and the original.

    Example: miyun rejects show 17
    """
    from services.recorder.reject_page import print_page

    settings = _settings(namespace)
    _answer(settings, print_page(settings, number, raw=raw))


def _settings(namespace: str | None) -> "Settings":
    from services.runtime.settings import load_settings

    return load_settings(namespace=namespace)


def _language(text: str) -> "Language":
    match text:
        case "zh" | "en":
            return text
        case _:
            raise typer.BadParameter("zh or en", param_hint="--lang")


def _answer(settings: "Settings", main: object) -> None:
    """Run a command; what goes wrong is one line on stderr and exit code 1."""
    from services.recorder.session import answer

    answer(settings, main)  # type: ignore[arg-type]  # a coroutine
