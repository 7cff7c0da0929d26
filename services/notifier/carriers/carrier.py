"""Carriers and what they are opened to: the types that each way to people fills in."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from schemas.base import Bilingual
from services.notifier.message import DeliveryReport, Message, Result
from services.runtime.settings import Settings

APPRISE_LOG = logging.getLogger("apprise")
AT_ONCE = 8
"""Messages that a carrier with threads sends at the same time."""
FINAL = range(300, 500)
RETRYABLE = frozenset({408, 409, 423, 425, 429})
"""HTTP answers among the final ones that may change."""


class Deliverer(Protocol):
    """An opened carrier: it sends messages by one channel."""

    async def deliver(self, message: Message, address: str) -> DeliveryReport:
        """Send a message, once; what goes wrong is the outcome."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class ThreadedDeliverer(ABC):
    """A deliverer whose way of sending blocks: it sends in threads of its own."""

    threads: ThreadPoolExecutor = field(
        default_factory=partial(ThreadPoolExecutor, AT_ONCE), kw_only=True, repr=False
    )

    @abstractmethod
    def send(self, message: Message, address: str) -> DeliveryReport:
        """Send a message, once; never raises what a receiver can cause."""

    async def deliver(self, message: Message, address: str) -> DeliveryReport:
        """Send a message in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, self.send, message, address)

    async def close(self) -> None:
        """Start nothing more; what is being sent ends by itself, within the time limits of its way."""
        self.threads.shutdown(wait=False, cancel_futures=True)


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
    """Keep Apprise's log out of ours: it quotes addresses, which hold secrets."""
    APPRISE_LOG.setLevel(logging.WARNING)
    APPRISE_LOG.propagate = False


def http_failure(status: int) -> DeliveryReport:
    """The report of an HTTP answer that did not take a message: refused for good, or tried again."""
    refuses = status in FINAL and status not in RETRYABLE
    return DeliveryReport(Result.REFUSED if refuses else Result.UNREACHABLE, f"HTTP {status}")
