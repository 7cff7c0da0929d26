"""``miyun judge``: looks a log through, compiles a plan for it, plays it, and shows what comes of it."""

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import typer

from services.cli.logs.outcome_table import show_outcomes
from services.cli.logs.plan_of_judge import NamedPlan, load_plan_of, trust_of
from services.cli.logs.progress import counted
from services.cli.logs.words import JUDGE
from services.judging.log_lines import LogLine, LogLineError, Survey, parse_line
from services.judging.player import EPOCH, Player, Trust, plan_of_log
from services.judging.saved_state import SavedState, SavedStateError, resumed, saved
from services.runtime.processes import EXIT_USAGE, StopProcessError
from services.runtime.words import Language, sentence

STANDARD_INPUT = Path("-")
IN_MEMORY_BYTES = 64 << 20
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+(?:\.\d+)?)s)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOrder:
    """The options of a run."""

    city: Path | None
    plan: Path | None
    keys: Path | None
    tick_s: float
    after: str
    state: Path | None
    save_state: Path | None


def judge_file(file: Path, order: JudgeOrder, *, language: Language, as_json: bool | None) -> None:
    """Play a file and print what comes of it.

    Raises:
        StopProcessError: the file, or one that an option names, cannot be used (exit code 2).
        services.plans.city.folder.CityError: the city has mistakes.
    """
    after_ms = duration_ms(order.after)
    with opened(file) as log:
        survey = Survey.of(lines_of(log, file))
        log.seek(0)
        begun = SavedState() if order.state is None else _state(order.state)
        plan, trust = load_plan_of(order.city, order.plan, order.keys, survey), trust_of(order.keys)
        player = player_of(survey, plan, trust=trust, begun=begun, tick_ms=round(order.tick_s * 1000))
        lines = counted(lines_of(log, file), survey.lines, language)
        outcomes = player.play(lines, after_ms=after_ms)
        is_table = sys.stdout.isatty() if as_json is None else not as_json
        show_outcomes(outcomes, language, is_table=is_table, zone=ZoneInfo(plan.plan.time_zone))
    if order.save_state is not None:
        text = "".join(f"{line}\n" for line in saved(player.partitions, player.offsets))
        order.save_state.write_text(text, encoding="utf-8")


def player_of(
    survey: Survey, plan: NamedPlan, *, trust: Trust | None, begun: SavedState, tick_ms: int
) -> Player:
    """What plays a log of this kind.

    Raises:
        StopProcessError: the state was kept under another plan.
    """
    others = {name for name in begun.plans.values() if name != plan.name}
    if others:
        told = {"state": str(min(map(str, others)))[:12], "plan": plan.name[:12]}
        raise StopProcessError(sentence(JUDGE, "another_plan", **told), exit_code=EXIT_USAGE)
    epochs = {partition.epoch for partition in begun.partitions.values()}
    return Player(
        plan=plan_of_log(plan.plan, plan.name, survey.stations | begun.stations, trust),
        begins_at=survey.first or 0,
        trust=trust,
        epoch=survey.epoch or min(epochs, default=EPOCH),
        tick_ms=tick_ms,
        partitions=begun.partitions,
        offsets=begun.offsets,
    )


def duration_ms(text: str) -> int:
    """``10m``, ``1h30m``, ``90s`` in ms.

    Raises:
        typer.BadParameter: it is no duration.
    """
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        raise typer.BadParameter(f"{text!r}; for example 90s, 10m, 1h30m", param_hint="--after")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return round(1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days))))


@contextmanager
def opened(file: Path) -> Iterator[IO[str]]:
    """A file that can be read twice; standard input is kept meanwhile.

    Raises:
        StopProcessError: it cannot be read.
    """
    try:
        with _opened(file) as log:
            yield log
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise StopProcessError(sentence(JUDGE, "no_file", file=file, why=why), exit_code=EXIT_USAGE) from None


@contextmanager
def _opened(file: Path) -> Iterator[IO[str]]:
    """Bytes that are no UTF-8 come through as they are (``log_lines``)."""
    if file != STANDARD_INPUT:
        with file.open(encoding="utf-8-sig", errors="surrogateescape") as log:
            yield log
        return
    with tempfile.SpooledTemporaryFile(
        IN_MEMORY_BYTES, "w+", encoding="utf-8", errors="surrogateescape"
    ) as kept:
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")  # type: ignore[union-attr]
        kept.writelines(sys.stdin)
        kept.seek(0)
        yield kept


def lines_of(log: Iterable[str], file: Path) -> Iterator[LogLine]:
    """The lines of a log; empty ones are none.

    Raises:
        StopProcessError: a line is no record; file and line are named.
    """
    for number, text in enumerate(log, start=1):
        if not text.strip():
            continue
        try:
            line = parse_line(text)
        except LogLineError as error:
            told = {"file": file, "line": number, "why": error}
            raise StopProcessError(sentence(JUDGE, "no_line", **told), exit_code=EXIT_USAGE) from None
        yield line


def _state(file: Path) -> SavedState:
    with opened(file) as kept:
        try:
            return resumed(kept)
        except SavedStateError as error:
            told = {"file": file, "why": error}
            raise StopProcessError(sentence(JUDGE, "no_state", **told), exit_code=EXIT_USAGE) from None
