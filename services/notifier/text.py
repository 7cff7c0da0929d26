"""The text of a message: subject and body in the recipient's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schemas.alerts import Alert
from schemas.base import SEVERITY_RANK, Severity
from services.notifier.decisions import CALLS, Kind
from services.notifier.plan_details import PlanDetails
from services.notifier.words import DRILL, LATE, NOT_REAL, UNHEARD
from services.runtime import screen
from services.runtime.words import ENGINE, FIELD, MARK, MESSAGE_KIND, REASON, SEVERITY, Language, word

Wording = tuple[str, str]
"""Subject, one line, and body. Neither holds anything that steers a terminal or a mail program."""
Lines = Iterator[tuple[str, str]]
"""Fields by their keys, and what they say; those that say nothing are left out."""
MISSED = "missed"
"""The subject of an end for whom no earlier message of the alert reached."""


def compose(alert: Alert, kind: Kind, details: PlanDetails, language: Language) -> Wording:
    """Text of the message about the alert's last transition."""
    last = alert.timeline[-1]
    what = word(MESSAGE_KIND, kind, language)
    reason = word(REASON, last.reason, language)
    change = what if kind in (Kind.ACKNOWLEDGED, Kind.ESCALATED) else f"{what} ({reason})"
    lines = _lines(alert, change, details, language, has_guidance=kind in CALLS)
    return _text(alert.nature, alert.severity, what, getattr(alert.headline, language), lines, language)


def compose_missed(alert: Alert, details: PlanDetails, language: Language) -> Wording:
    """Text of the message that an alert was and is over, for whom its call did not reach."""
    lines = _lines(alert, word(UNHEARD, MISSED, language), details, language, has_guidance=True)
    what = word(MESSAGE_KIND, MISSED, language)
    return _text(alert.nature, alert.severity, what, getattr(alert.headline, language), lines, language)


def compose_orphaned(alert_id: str, nature: str, severity: str, headline: str, language: Language) -> Wording:
    """Text of the message that the monitor does not know an alert any more."""
    lines = iter(
        [
            ("nature", word(NOT_REAL, nature, language)),
            ("change", word(UNHEARD, Kind.ORPHANED, language)),
            ("alert", alert_id),
        ]
    )
    what = word(MESSAGE_KIND, Kind.ORPHANED, language)
    return _text(nature, severity, what, headline, lines, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAlert:
    """An entry of a gathered message. ``over_at`` None: its condition lasts, as far as is known."""

    severity: str
    headline: str
    began_at: datetime
    over_at: datetime | None
    is_acknowledged: bool


def compose_gathered(alerts: Sequence[LateAlert], nature: str, zone: ZoneInfo, language: Language) -> Wording:
    """Text of the message about late alerts of one station: when each was, and whether it still is."""
    worst = max(alerts, key=lambda alert: SEVERITY_RANK[Severity(alert.severity)])
    about = word(LATE, "about", language)
    entries = [
        f"[{word(SEVERITY, one.severity, language)}] {screen.printable(one.headline)}: "
        f"{_state_of(one, zone, language)}"
        for one in alerts
    ]
    what = word(LATE, "gathered", language).format(len(alerts))
    subject, body = _text(nature, worst.severity, what, worst.headline, iter(()), language)
    not_real = word(NOT_REAL, nature, language)
    return subject, "\n".join([body.rstrip(), *([not_real] if not_real else []), "", about, *entries]) + "\n"


def _state_of(late: LateAlert, zone: ZoneInfo, language: Language) -> str:
    state = "over" if late.over_at else "acknowledged" if late.is_acknowledged else "active"
    ended = screen.local(late.over_at, zone) if late.over_at else ""
    return word(LATE, state, language).format(began=screen.local(late.began_at, zone), ended=ended)


def _text(nature: str, severity: str, what: str, headline: str, lines: Lines, language: Language) -> Wording:
    headline = screen.printable(headline)
    colon = ":" if language == "zh" else ": "
    told = [f"{word(FIELD, key, language)}{colon}{screen.printable(words)}" for key, words in lines if words]
    title = f"{word(DRILL, nature, language)}[{word(SEVERITY, severity, language)}] {what}{colon}{headline}"
    return screen.printable(title), "\n".join([headline, "", *told]) + "\n"


def _lines(
    alert: Alert, change: str, details: PlanDetails, language: Language, *, has_guidance: bool
) -> Lines:
    last, zone = alert.timeline[-1], details.zone
    safety = f" ({word(MARK, 'life_safety', language)})" if alert.life_safety else ""
    yield "nature", word(NOT_REAL, alert.nature, language)
    yield "severity", word(SEVERITY, alert.severity, language) + safety
    yield "change", change
    yield "at", screen.local(last.at, zone) + (_late(alert, zone, language) if alert.late else "")
    yield "raised", screen.local(alert.raised_at, zone) if last.at != alert.raised_at else ""
    yield "by", last.actor if last.actor != ENGINE else ""
    yield "note", last.note
    for name, text in (("address", details.address), ("landmark", details.landmark)):
        yield name, text[language] if text else ""
    if has_guidance and details.guidance:
        yield "guidance", details.guidance[language]
    yield "alert", f"{alert.alert_id} seq {alert.seq}"


def _late(alert: Alert, zone: ZoneInfo, language: Language) -> str:
    seen = word(LATE, "seen", language).format(screen.local(alert.timeline[-1].detected_at, zone))
    return f" ({word(LATE, 'line', language)}: {seen})"
