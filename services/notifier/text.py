"""The text of a message: subject and body in the recipient's language."""

from collections.abc import Iterator

from schemas.alerts import Alert
from services.notifier.decisions import CALLS, Kind
from services.notifier.plan_details import PlanDetails
from services.notifier.words import DRILL, NOT_REAL
from services.runtime import screen
from services.runtime.words import ENGINE, FIELD, MARK, MESSAGE_KIND, REASON, SEVERITY, Language, word


def compose(alert: Alert, kind: Kind, details: PlanDetails, language: Language) -> tuple[str, str]:
    """Subject and body of the message about the alert's last transition.

    The subject is one line; neither part holds anything that steers a terminal or a mail program.
    """
    headline = screen.printable(getattr(alert.headline, language))
    mark = word(DRILL, alert.nature, language)
    severity = word(SEVERITY, alert.severity, language)
    what = word(MESSAGE_KIND, kind, language)
    colon = ":" if language == "zh" else ": "
    lines = [headline, ""]
    lines += [
        f"{word(FIELD, key, language)}{colon}{screen.printable(words)}"
        for key, words in _lines(alert, kind, details, language)
        if words
    ]
    return screen.printable(f"{mark}[{severity}] {what}{colon}{headline}"), "\n".join(lines) + "\n"


def _lines(alert: Alert, kind: Kind, details: PlanDetails, language: Language) -> Iterator[tuple[str, str]]:
    last = alert.timeline[-1]
    safety = f" ({word(MARK, 'life_safety', language)})" if alert.life_safety else ""
    yield "nature", word(NOT_REAL, alert.nature, language)
    yield "severity", word(SEVERITY, alert.severity, language) + safety
    yield "change", _change(kind, word(REASON, last.reason, language), word(MESSAGE_KIND, kind, language))
    yield "at", screen.local(last.at, details.zone)
    yield "raised", screen.local(alert.raised_at, details.zone) if last.at != alert.raised_at else ""
    yield "by", last.actor if last.actor != ENGINE else ""
    yield "note", last.note
    for name, text in (("address", details.address), ("landmark", details.landmark)):
        yield name, text[language] if text else ""
    if kind in CALLS and details.guidance:
        yield "guidance", details.guidance[language]
    yield "alert", f"{alert.alert_id} seq {alert.seq}"


def _change(kind: Kind, reason: str, what: str) -> str:
    """The word of the message, with that of the transition where it says more."""
    return what if kind in (Kind.ACKNOWLEDGED, Kind.ESCALATED) else f"{what} ({reason})"
