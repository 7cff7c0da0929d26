"""What a message says: subject and body in the recipient's language."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.alerts import Alert, Headline
from services.notifier.decisions import Kind
from services.notifier.words import DRILL, NOT_REAL
from services.runtime import screen
from services.runtime.words import ENGINE, FIELD, MARK, MESSAGE_KIND, REASON, SEVERITY, Language, word


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the stored plan adds to an alert; None where it says nothing, or is not stored yet."""

    address: Headline | None = None
    landmark: Headline | None = None
    guidance: Headline | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """``subject`` is one line; neither part holds anything that steers a terminal or a mail program."""

    subject: str
    body: str


def compose(alert: Alert, kind: Kind, around: Surroundings, language: Language) -> Text:
    """The message about the alert's last transition."""
    headline = _said(alert.headline, language)
    mark = word(DRILL, alert.nature, language)
    severity = word(SEVERITY, alert.severity, language)
    what = word(MESSAGE_KIND, kind, language)
    colon = ":" if language == "zh" else ": "
    lines = [headline, ""]
    lines += [
        f"{word(FIELD, key, language)}{colon}{screen.printable(words)}"
        for key, words in _lines(alert, kind, around, language)
        if words
    ]
    return Text(screen.printable(f"{mark}[{severity}] {what}{colon}{headline}"), "\n".join(lines) + "\n")


def _lines(alert: Alert, kind: Kind, around: Surroundings, language: Language) -> Iterator[tuple[str, str]]:
    last = alert.timeline[-1]
    safety = f" ({word(MARK, 'life_safety', language)})" if alert.life_safety else ""
    yield "nature", word(NOT_REAL, alert.nature, language)
    yield "severity", word(SEVERITY, alert.severity, language) + safety
    yield "change", _change(kind, word(REASON, last.reason, language), word(MESSAGE_KIND, kind, language))
    yield "at", screen.local(last.at)
    yield "raised", screen.local(alert.raised_at) if last.at != alert.raised_at else ""
    yield "by", last.actor if last.actor != ENGINE else ""
    yield "note", last.note
    yield "address", _said(around.address, language)
    yield "landmark", _said(around.landmark, language)
    if kind in (Kind.RAISED, Kind.ESCALATED):
        yield "guidance", _said(around.guidance, language)
    yield "alert", f"{alert.alert_id} seq {alert.seq}"


def _change(kind: Kind, reason: str, what: str) -> str:
    """The word of the message, with that of the transition where it says more."""
    return what if kind in (Kind.ACKNOWLEDGED, Kind.ESCALATED) else f"{what} ({reason})"


def _said(words: Headline | None, language: Language) -> str:
    if words is None:
        return ""
    return screen.printable(words.zh if language == "zh" else words.en)
