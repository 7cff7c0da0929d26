"""``miyun judge`` and ``miyun log export``. Only signatures and help; the rest is imported when called."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from services.runtime.command_line import CityFolder, Clock, Lang, Namespace, group, run

AfterOption = Annotated[
    str,
    typer.Option("--after", metavar="TIME", help="Go on so long after the last line: 90s, 10m, 2h."),
]
TickOption = Annotated[
    float,
    typer.Option(
        "--tick", min=0, metavar="SECONDS", help="Steps in which time passes; 0: the log's own ticks."
    ),
]
KeysOption = Annotated[
    Path | None,
    typer.Option("--keys", metavar="DIR", help="Public keys (*.pub) by which signed lines are believed."),
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="First arrival, RFC 3339 (default: the log's start)."),
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="Arrivals before this (default: to the log's end).")
]


def register(root: typer.Typer) -> None:
    """Add the commands to ``root``."""
    root.command("judge")(judge)
    logs = group(root, "log", "The log of events: write parts of it to a file.")
    logs.command("export")(export)


def judge(  # noqa: PLR0913  # an option is an argument
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="The log; - is standard input.")],
    city: CityFolder = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="A compiled plan (JSON) instead of a city.")
    ] = None,
    keys: KeysOption = None,
    tick: TickOption = 5.0,
    after: AfterOption = "0s",
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="Begin with what --save-state has kept.")
    ] = None,
    save_state: Annotated[
        Path | None, typer.Option("--save-state", metavar="FILE", help="Keep what is known at the end.")
    ] = None,
    as_json: Annotated[
        bool | None,
        typer.Option("--json/--table", help="JSON lines, or a table (default on a terminal)."),
    ] = None,
    lang: Lang = "zh",
) -> None:
    """Judge a log of events as the monitor would, without any server.

    Try what a device sends, before it is connected; repeat what the monitor did with a part of its log
    (miyun log export writes one); show a fault that somebody else can repeat.

    A line of the file is one record, in the order of the log:

    {"arrival": 1768302000000, "value": {"station": "gas-110118001-0001", "source": "gw-1", "seq": 1,
    "sent_at": 1768302000000, "scans": [{"at": 1768302000000, "values": {"station_ch4_pct_lel": 80.0}}]}}

    arrival is epoch ms; value is the record's JSON, or a text that is taken as it was sent, however broken.
    May be given: kind (default telemetry; inspection, command, tick, plan, genesis ...), key (default: the
    value's station), headers, partition, offset. Before the first line no station has been heard of; only
    stations that the file names are expected to report. What is signed is believed by --keys, else reported
    as unverified. Calendars are made to hold for the days of the log.

    Prints one JSON object a line, on a terminal a table. Its type is:

    transition: rule point station severity state reason late clock_fault held at value headline. An alert
    was raised, cleared ...; state is the letter of ISA-18.2, point is station for a station as a whole.

    rejection: station source reason detail at. A record, a scan or a value was not taken.

    finding: kind station detail at. The engine failed, or the log has a hole.

    condition: station state silent_points at. A station reports, is silent, or silent in part.

    Exit code 0 when the file was played, 2 when a line is no JSON: file and line are named, and nothing
    is judged.

    Example: miyun judge frames.jsonl --after 10m --lang en
    """
    from services.cli.logs.judge import JudgeOrder, judge_file
    from services.runtime.command_line import refusing

    order = JudgeOrder(
        city=city, plan=plan, keys=keys, tick_s=tick, after=after, state=state, save_state=save_state
    )
    with refusing("", lang):
        judge_file(file, order, language=lang, as_json=as_json)


def export(  # noqa: PLR0913  # an option is an argument
    station: Annotated[str, typer.Option("--station", help="The station's id.")],
    begin: FromOption = None,
    end: ToOption = None,
    control: Annotated[
        bool,
        typer.Option("--control", help="The ticks, plan events and genesis of its partition, too."),
    ] = False,
    namespace: Namespace = None,
    clock: Clock = None,
    lang: Lang = "en",
) -> None:
    """Write a station's part of the log as lines for miyun judge.

    Prints a JSON object for each record of the topic events that has the station's key, in the order of the
    log: arrival, kind, key, partition, offset, headers, value. With --control miyun judge --tick 0 --keys DIR
    repeats what the monitor did, from the plan's activation on.

    Example: miyun log export --station gas-110118001-0001 --from 2026-01-13T19:00:00+08:00 > gas.jsonl
    """
    from services.cli.logs.export import ExportOrder, export_station, instant

    order = ExportOrder(
        station=station, begin=instant(begin, "--from"), end=instant(end, "--to"), control=control
    )
    run(partial(export_station, order=order), lang, namespace=namespace, clock=clock)
