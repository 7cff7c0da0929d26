"""What comes of a log: JSON lines, or on a terminal a table."""

import json
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import typer

from services.cli.logs.words import COLUMN, FINDING, JUDGE, STATION_STATE, TYPE
from services.judging.outcome_lines import OutcomeLine
from services.runtime import screen
from services.runtime.words import MARK, REASON, REJECT, SEVERITY, SEVERITY_COLOUR, Language, joined, word

COLUMNS = ("at", "type", "what", "station", "severity", "words")
MARKS = ("late", "clock_fault", "held")


def show_outcomes(
    outcomes: Iterable[OutcomeLine], language: Language, *, is_table: bool, zone: ZoneInfo
) -> None:
    """Print each as it comes, or all of them as a table."""
    if not is_table:
        for outcome in outcomes:
            typer.echo(json.dumps(outcome, ensure_ascii=False))
        return
    rows = [_row(outcome, language, zone) for outcome in outcomes]
    if not rows:
        typer.echo(JUDGE["nothing"][language])
        return
    screen.show(screen.table([COLUMN[name][language] for name in COLUMNS], rows))


def _row(outcome: OutcomeLine, language: Language, zone: ZoneInfo) -> screen.TableRow:
    """What of an outcome people read first; the rest is in its JSON."""
    severity = outcome.get("severity", "")
    return (
        screen.local(outcome["at"], zone),
        word(TYPE, outcome["type"], language),
        _what(outcome, language),
        outcome["station"] or "",
        screen.text(word(SEVERITY, severity, language), SEVERITY_COLOUR.get(severity, "")),
        _words(outcome, language),
    )


def _what(outcome: OutcomeLine, language: Language) -> str:
    match outcome["type"]:
        case "transition":
            return f"{word(REASON, outcome['reason'], language)} {outcome['rule']}"
        case "rejection":
            return word({**REJECT, **JUDGE}, outcome["reason"], language)
        case "finding":
            return word(FINDING, outcome["kind"], language)
        case _:
            return word(STATION_STATE, outcome["state"], language)


def _words(outcome: OutcomeLine, language: Language) -> str:
    if outcome["type"] == "transition":
        marks = (MARK[name][language] for name in MARKS if outcome[name])
        return joined((str(outcome["headline"][language]), *marks), language)
    if outcome["type"] == "condition":
        return joined(outcome["silent_points"], language)
    return str(outcome["detail"])
