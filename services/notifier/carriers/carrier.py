"""What a way to people says of itself."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from schemas.base import Bilingual
from services.notifier.message import Message, Outcome
from services.runtime.settings import Settings

APPRISE_LOG = logging.getLogger("apprise")
SAID_NO = range(300, 500)
LATER = frozenset({408, 409, 423, 425, 429})
"""HTTP answers among them that may change."""


class Deliverer(Protocol):
    """What an opened carrier is: it sends messages by one channel."""

    async def deliver(self, message: Message, address: str) -> Outcome:
        """Send a message, once; what goes wrong is the outcome."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A way to people, as its module registers it."""

    name: str
    """The channel in people.yaml, routes.yaml, the outbox and the metrics: ``[a-z_]{1,20}``, for good."""
    words: Bilingual
    checked: Callable[[str], str]
    """An address as people.yaml gives it; raises ValueError, which says what an address must be."""
    open: Callable[[Settings], Deliverer]
    """Asked once a start, on the loop, and only where somebody has such an address.

    Raises PrivateFileError: a file of secrets is missing or cannot be used.
    """


def keep_apprise_to_ourselves() -> None:
    """What Apprise logs quotes addresses, which hold secrets: it goes into no log of ours."""
    APPRISE_LOG.setLevel(logging.WARNING)
    APPRISE_LOG.propagate = False


def is_refusal(status: int) -> bool:
    """Whether an HTTP answer other than 2xx says no for good; otherwise the message is tried again."""
    return status in SAID_NO and status not in LATER
