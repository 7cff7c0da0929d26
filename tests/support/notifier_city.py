"""People, alerts and processes for tests of the notifier: what crews would be sent, caught for real."""

import json
import urllib.error
import urllib.request
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.programs import Program, environment_of, running
from support.recorder_process import until
from support.shown_alerts import AT, alert

from schemas.alerts import Alert, AlertState, TransitionReason
from schemas.base import Severity
from services.notifier.message import Message
from services.runtime.settings import Settings

NOW = datetime(2026, 1, 13, 11, tzinfo=UTC)
PEOPLE = """\
people:
  - {id: wang, name: {zh: 王工, en: Wang}, organisation: gas,
     channels: {mail: wang@x.example, webhook: catcher}}
  - {id: lee, name: {zh: 李工, en: Lee}, organisation: gas, language: en,
     channels: {mail: lee@x.example, webhook: catcher}}
"""
ROUTES = """\
routes:
  - {id: all, severities: [major, critical], people: [wang, lee], channels: [mail, webhook]}
"""


MESSAGE = Message(
    id=1, alert_id="a1", seq=1, recipient="wang", channel="mail", kind="raised", severity="critical",
    nature="real", language="zh", subject="甲烷", body="甲烷", headline={"zh": "甲烷", "en": "methane"},
    at=NOW, heard_at=NOW, attempts=1, begun_at=NOW,
)  # fmt: skip
"""A message of the outbox, without an outbox."""


def write_people(folder: Path, people: str = PEOPLE, routes: str = ROUTES) -> Path:
    """The two files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.yaml").write_text(people, encoding="utf-8")
    (folder / "routes.yaml").write_text(routes, encoding="utf-8")
    return folder


def changed(before: Alert, reason: TransitionReason, **fields: Any) -> Alert:
    """The alert's next snapshot. ``fields``: of the alert; ``actor``, ``to_state`` of the transition."""
    last = before.timeline[-1]
    seq = before.seq + 1
    state = fields.pop("to_state", before.state)
    transition = replace(
        last,
        seq=seq,
        at=AT + seq * 1_000,
        detected_at=AT + seq * 1_000,
        reason=reason,
        from_state=before.state,
        to_state=state,
        severity=fields.get("severity", before.severity),
        actor=fields.pop("actor", "engine"),
        note="",
    )
    calls = reason in (TransitionReason.REOPENED, TransitionReason.ESCALATED)
    calling = {"annunciated": True, "annunciated_seq": seq} if calls else {}
    return replace(
        before, seq=seq, state=state, timeline=(*before.timeline, transition), **(calling | fields)
    )


def raised(number: int = 0, severity: Severity = Severity.CRITICAL) -> Alert:
    """One alert of many, just raised."""
    return alert(f"{number:08x}-0000-5000-8000-000000000000", severity=severity)


def acknowledged(before: Alert) -> Alert:
    """Seen by a person."""
    return changed(
        before,
        TransitionReason.ACKNOWLEDGED,
        actor="zhao.lei",
        to_state=AlertState.ACKNOWLEDGED,
        acked=True,
        acked_by="zhao.lei",
        annunciated=False,
    )


def cleared(before: Alert) -> Alert:
    """Over, after it was acknowledged."""
    return changed(
        before,
        TransitionReason.CLEARED,
        to_state=AlertState.NORMAL,
        cleared_at=AT + 60_000,
        closed_at=AT + 60_000,
        annunciated=False,
    )


def returned(before: Alert) -> Alert:
    """Over, and nobody has acknowledged it."""
    return changed(
        before,
        TransitionReason.CLEARED,
        to_state=AlertState.RETURNED,
        cleared_at=AT + 60_000,
        annunciated=False,
    )


def process(
    settings: Settings, log: Path, *arguments: str, prelude: str = ""
) -> AbstractContextManager[Program]:
    """``miyun`` with these arguments, after ``prelude``; killed at the end, if it still runs."""
    return running(*arguments, environment=environment_of(settings), log=log, prelude=prelude)


def text_of(file: Path) -> str:
    """What a process has said so far."""
    return file.read_text()


def fetched(url: str, *, even_refused: bool = False) -> Any:
    """JSON of a page, or None while nobody answers; ``even_refused``: whatever the answer's status is."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # loopback
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return json.load(refused) if even_refused else None
    except OSError:
        return None


def caught(settings: Settings) -> list[dict[str, str]]:
    """What the catcher holds, the latest first."""
    page = fetched(f"http://{settings.catcher_host}:{settings.catcher_port}/messages.json")
    return [] if page is None else list(page["messages"])


def repeats(settings: Settings) -> int:
    """What the catcher dropped."""
    return int(fetched(f"http://127.0.0.1:{settings.catcher_port}/messages.json")["repeats"])


async def until_ready(port: int) -> None:
    """Wait until /readyz says so."""

    def ready() -> bool:
        page = fetched(f"http://127.0.0.1:{port}/readyz")
        return page is not None and page["ready"]

    await until(ready, within_s=30, what=f"ready on {port}")
