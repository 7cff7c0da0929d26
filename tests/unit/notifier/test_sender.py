"""A carrier that fails in a way of its own costs the message, not the notifier."""

import asyncio
from pathlib import Path
from typing import Any

from support.notifier_city import MESSAGE, write_people

from services.notifier.message import DeliveryReport, Message, Result
from services.notifier.people import load_directory
from services.notifier.sender import Sender
from services.runtime.settings import Settings


class Broken:
    """A carrier with a mistake."""

    async def deliver(self, _message: Message, _address: str) -> DeliveryReport:
        """Never gets as far as the receiver."""
        raise KeyError("no such thing")

    async def close(self) -> None:
        """Nothing is open."""


async def test_exception_of_a_carrier_is_a_refusal_of_this_message(tmp_path: Path) -> None:
    """So it is given up after its third attempt, and stands as failed with the reason."""
    nobody: Any = None
    directory = load_directory(write_people(tmp_path))
    sender = Sender(Settings(), nobody, directory, {"mail": Broken()}, asyncio.Event())
    report = await sender._attempt(MESSAGE)  # what becomes of it is the outbox's
    assert report == DeliveryReport(Result.REFUSED, "KeyError: 'no such thing'")
