"""``miyun simulate run`` and ``miyun replay-csv``."""

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from services.runtime.command_line import CityFolder, Lang, Namespace, refusing
from simulators.scenes import scene_commands

simulate = typer.Typer()


def register(root: typer.Typer) -> None:
    """Add the simulators' commands to the root of ``miyun``."""
    root.add_typer(simulate, name="simulate")
    root.command("replay-csv")(replay_csv)
    scene_commands.register(root)


@simulate.callback(invoke_without_command=True)
def simulate_apart(  # noqa: PLR0913  # the options of a command line
    context: typer.Context,
    namespace: Annotated[
        str | None, typer.Option(help="A namespace of its own for the simulation.", show_default=False)
    ] = None,
    scene: Annotated[
        str | None, typer.Option(help="Faults, 10 minutes after the beginning; none: no faults. [opening]")
    ] = None,
    hours: Annotated[float | None, typer.Option(help="How much city time. [1]")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed is another city. [110118]")] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="City time of the beginning. [MIYUN_CITY_START]")
    ] = None,
    city: CityFolder = None,
    fresh: Annotated[bool | None, typer.Option("--fresh", help="Empty the namespace first.")] = None,
    timeout_s: Annotated[
        float | None, typer.Option("--timeout", help="Seconds to wait until all is stored. [1800]")
    ] = None,
    lang: Lang = "en",
) -> None:
    """Simulate some hours of a city without devices at full speed.

    It has a namespace, a monitor and a recorder of its own. Returns when everything is judged and stored;
    prints progress, then what was sent, the alerts by rule and severity, what was rejected, and where to
    look. The same seed gives the same alerts. What faults were injected is written to truth-NAMESPACE.jsonl
    in the state folder.

    Example: miyun simulate --scene opening --hours 1 --namespace s1

    A city that lives in real time: miyun simulate run
    """
    given = {name: value for name, value in context.params.items() if value is not None}
    chosen = {name: value for name, value in given.items() if name not in ("namespace", "lang")}
    if context.invoked_subcommand is None and namespace is not None:
        _simulate_apart(namespace, lang, chosen)
    elif context.invoked_subcommand is None and not chosen:
        print(context.get_help())
    elif context.invoked_subcommand is None:
        raise typer.BadParameter("it needs a namespace of its own, such as s1", param_hint="--namespace")
    elif chosen or namespace is not None:
        raise typer.BadParameter(
            f"give options after the command: miyun simulate {context.invoked_subcommand} --..."
        )


def _simulate_apart(namespace: str, language: Lang, chosen: dict[str, Any]) -> None:
    from services.runtime.settings import load_settings
    from simulators.running.simulation import Simulation, simulate

    settings = load_settings(namespace=namespace, clock="log", city_dir=chosen.pop("city", None))
    _log(logging.WARNING)
    with refusing(settings.kafka_bootstrap, language, also={OSError: 1}):
        simulate(Simulation(**chosen), settings, language)


@simulate.command("run")
def simulate_run(
    namespace: Namespace = None,
    seed: Annotated[int, typer.Option(help="Another seed is another city.")] = 110118,
    scene: Annotated[
        str, typer.Option(help="Faults, a minute after it is ready; none: no faults.")
    ] = "opening",
    history_hours: Annotated[
        float | None, typer.Option(help="Instead of MIYUN_HISTORY_HOURS.", show_default=False)
    ] = None,
) -> None:
    """Simulate the active plan's stations in real time until stopped.

    City time starts at MIYUN_CITY_START (2026-01-13 19:00 Asia/Shanghai) or goes on where the log ends;
    it runs only while the simulator can send. With --history-hours the hours before the start are made
    at full speed first; it is ready when the namespace's monitor and recorder have judged and stored
    them. The namespace must have clock=log. Injected faults are written to truth-NAMESPACE.jsonl in
    the state folder.

    Example: MIYUN_CLOCK=log miyun simulate run --namespace demo
    """
    from services.runtime.processes import run
    from services.runtime.settings import load_settings
    from simulators.running.run import simulate as work

    settings = load_settings(namespace=namespace, history_hours=history_hours)
    if settings.clock != "log":
        raise typer.BadParameter(
            f"namespace {settings.namespace} has clock=wall: its time is the broker's and cannot be"
            " simulated; set MIYUN_CLOCK=log and a namespace of its own, such as MIYUN_NAMESPACE=demo"
        )
    run(work(settings, seed=seed, scene=None if scene == "none" else scene))


def replay_csv(  # noqa: PLR0913  # the options of a command line
    file: Annotated[Path, typer.Argument(help="CSV with the columns timestamp,value.")],
    station: Annotated[str, typer.Option(help="Station of the city that read the values.")],
    point: Annotated[str, typer.Option(help="Its point.")],
    unit: Annotated[str, typer.Option(help="Unit of the file: degF degC K psi kPa MPa bar ...")],
    namespace: Annotated[str, typer.Option(help="A namespace of its own for the replay.")],
    city: CityFolder = None,
    every: Annotated[
        int | None, typer.Option(help="Interval in seconds; by default the file's usual one.", min=1)
    ] = None,
    phase: Annotated[str, typer.Option(help="Heating phase that holds all the time.")] = "supply",
    source: Annotated[str, typer.Option(help="Name of the source of the frames.")] = "recording",
    tz: Annotated[str, typer.Option(help="Zone of stamps that have no offset.")] = "UTC",
    fresh: Annotated[
        bool, typer.Option("--fresh/--keep", help="Empty the namespace first, instead of refusing.")
    ] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait until all is stored.", min=1)] = 600.0,
    lang: Lang = "en",
) -> None:
    """Replay a recorded series at full speed, judged and stored.

    It has a monitor and a recorder of its own. Works on a copy of the city in which the point reports at
    the file's interval and the phase holds throughout. Returns when everything is stored in the schema
    named after the namespace; prints what was read, dropped, sent and raised. Lines that are no readings
    are named and left out; repeated and out-of-order stamps are sent as they are: the monitor has to find
    them.

    Example: miyun replay-csv ambient.csv --station home-1 --point room_01_c --unit degF --namespace r1
    """
    from zoneinfo import ZoneInfo

    from services.runtime.settings import load_settings
    from simulators.running.replay import Replay
    from simulators.running.replay import replay as work

    settings = load_settings(namespace=namespace, clock="log", city_dir=city)
    _log(logging.INFO)
    try:
        zone = ZoneInfo(tz)
    except (KeyError, ValueError):
        raise typer.BadParameter(f"there is no time zone {tz}", param_hint="--tz") from None
    with refusing(settings.kafka_bootstrap, lang, also={OSError: 1}):
        wanted = Replay(
            file=file,
            zone=zone,
            station=station,
            point=point,
            unit=unit,
            city=settings.city_dir,
            every_s=every,
            phase=phase,
            source=source,
            fresh=fresh,
            timeout_s=timeout,
        )
        work(wanted, settings, lang)


def _log(level: int) -> None:
    """Log as all processes do, but for the Kafka client, whose errors the command says."""
    from services.runtime.processes import configure_logging

    configure_logging(level)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
