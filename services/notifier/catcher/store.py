"""The catcher's messages, in memory and as files, each once."""

import json
import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from services.notifier.carriers.mail import AT_HEADER

log = logging.getLogger(__name__)

SHOWN = 2_000
"""Messages kept in memory; files stay."""
Way = Literal["mail", "webhook"]
SUFFIX: dict[Way, str] = {"mail": ".eml", "webhook": ".json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtMessage:
    """A message as the page shows it. ``id``: by which a repeat is known."""

    id: str
    way: Way
    to: str
    subject: str
    at: str
    """By the city's clock, as its date and time."""
    body: str


@dataclass(slots=True)
class Store:
    """Messages, the latest last. ``repeats`` counts those that came again and were dropped."""

    folder: Path
    messages: deque[CaughtMessage] = field(default_factory=lambda: deque(maxlen=SHOWN))
    repeats: int = 0
    _known: set[str] = field(default_factory=set)

    def load(self) -> None:
        """Take what an earlier catcher has left in the folder."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = [path for path in self.folder.iterdir() if path.suffix in SUFFIX.values()]
        for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name)):
            raw = path.read_bytes()
            try:
                self._remember(of_mail(raw) if path.suffix == ".eml" else of_hook(raw))
            except ValueError as error:
                log.warning(
                    "catcher: cannot read a file of its own", extra={"file": path.name, "why": str(error)}
                )

    def take(self, caught: CaughtMessage, raw: bytes) -> bool:
        """Keep a message on disk, then in memory; False: it is a repeat and was dropped."""
        if caught.id in self._known:
            self.repeats += 1
            return False
        name = sha256(caught.id.encode()).hexdigest()[:32]
        draft = self.folder / f".{name}"
        draft.write_bytes(raw)
        draft.replace(self.folder / f"{name}{SUFFIX[caught.way]}")
        self._remember(caught)
        return True

    def _remember(self, caught: CaughtMessage) -> None:
        self._known.add(caught.id)
        self.messages.append(caught)


def of_mail(raw: bytes) -> CaughtMessage:
    """A mail; one without Message-ID is known by its bytes."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(("plain", "html"))
    return CaughtMessage(
        id=_header(mail, "Message-ID") or sha256(raw).hexdigest(),
        way="mail",
        to=_header(mail, "To"),
        subject=_header(mail, "Subject"),
        at=_local(_header(mail, AT_HEADER)) or _header(mail, "Date"),
        body="" if body is None else str(body.get_content()),
    )


def of_hook(raw: bytes) -> CaughtMessage:
    """A webhook's body.

    Raises:
        ValueError: it is not one of ours.
    """
    told: Any = json.loads(raw)
    fields = ("key", "recipient", "subject", "at", "body")
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in fields):
        raise ValueError(f"the body has {', '.join(fields)} as text")
    return CaughtMessage(
        id=told["key"],
        way="webhook",
        to=told["recipient"],
        subject=told["subject"],
        at=_local(told["at"]),
        body=told["body"],
    )


def _local(text: str) -> str:
    """A moment with the city's offset as date and time there; nothing for nothing.

    Raises:
        ValueError: it is none.
    """
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S}" if text else ""


def _header(mail: EmailMessage, name: str) -> str:
    return str(mail.get(name, "")).strip()
