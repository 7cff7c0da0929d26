"""One transition of an alert on one line of a terminal."""

import unicodedata

import typer

from schemas.alerts import Alert, TransitionReason
from services.cli.times import local
from services.runtime.words import REASON, SEVERITY, SEVERITY_COLOUR, Language

SHORT_ID = 8
"""Characters of an alert's id that people see and type."""
BY_PEOPLE = frozenset({TransitionReason.ACKNOWLEDGED, TransitionReason.COMMENTED})


def alert_line(alert: Alert, language: Language) -> str:
    """City time, severity, what happened, short id, headline; who and why when a person did it."""
    last = alert.timeline[-1]
    severity = typer.style(
        padded(SEVERITY[alert.severity][language], 8), fg=SEVERITY_COLOUR[alert.severity], bold=True
    )
    reason = padded(REASON[last.reason][language], 12)
    headline = alert.headline.zh if language == "zh" else alert.headline.en
    said = f" [{last.actor}: {last.note}]" if last.reason in BY_PEOPLE and last.note else ""
    by = f" [{last.actor}]" if last.reason in BY_PEOPLE and not last.note else ""
    text = printable(f"{headline}{said}{by}")
    return f"{local(last.detected_at)}  {severity}  {reason}  {alert.alert_id[:SHORT_ID]}  {text}"


def padded(text: str, width: int) -> str:
    """``text`` filled up with spaces to ``width`` columns; a Chinese character takes two."""
    columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - columns)


def printable(text: str) -> str:
    """``text`` on one line and unable to steer the terminal: people's words end up here."""
    return "".join(c if c.isprintable() else " " for c in text)
