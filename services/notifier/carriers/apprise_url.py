"""Messages to whatever Apprise has an address form for: WeCom, DingTalk, Feishu, SMS gateways, hooks.

Apprise addresses hold tokens, so they stand in a file of secrets, ``apprise`` in MIYUN_CARRIER_SECRETS_DIR: a
line for each, a name and an address (``duty-wecom wecombot://KEY``); people.yaml says only the name. See
Apprise's list of services for the forms. Without somebody who has such an address nothing of this is read.
"""

import asyncio
import logging
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident

from apprise import Apprise, NotifyBase, NotifyFormat

from schemas.base import Bilingual
from services.notifier.carriers.carrier import APPRISE_LOG, Carrier, is_refusal, keep_apprise_to_ourselves
from services.notifier.message import Message, Outcome, Result
from services.notifier.private_file import PrivateFileError, private_lines
from services.runtime.settings import Settings

NAME = "apprise"
ENTRY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
AT_ONCE = 8
"""Messages under way at the same time."""
STATUS = re.compile(r"\berror=(\d{3})\b")
"""How Apprise's services tell the HTTP answer that they got."""
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class AppriseServices:
    """The services of the file, by name."""

    services: Mapping[str, NotifyBase] = field(repr=False)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix=NAME)
    )

    async def deliver(self, message: Message, address: str) -> Outcome:
        """Send a message to a name of the file; never raises what a service can cause."""
        service = self.services.get(address)
        if service is None:
            return Outcome(Result.REFUSED, f"the file {NAME} of the carriers' secrets has no {address}")
        return await asyncio.get_running_loop().run_in_executor(self.threads, _send, service, message)

    async def close(self) -> None:
        """Start nothing more; what is being sent ends by itself, within Apprise's own time limits."""
        self.threads.shutdown(wait=False, cancel_futures=True)


class _Said(logging.Handler):
    """The last thing that Apprise logs in one thread: it returns whether a message went, and no reason."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the words of a warning of our thread."""
        if record.thread == self._thread and record.levelno >= logging.WARNING:
            self.words = record.getMessage()


@contextmanager
def _listening() -> Iterator[_Said]:
    said = _Said()
    APPRISE_LOG.addHandler(said)
    try:
        yield said
    finally:
        APPRISE_LOG.removeHandler(said)


def _send(service: NotifyBase, message: Message) -> Outcome:
    with _listening() as said:
        try:
            is_taken = service.notify(title=message.subject, body=message.body, body_format=NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001  # any of a hundred services may raise what it likes
            return Outcome(Result.UNREACHABLE, type(error).__name__)
    if is_taken:
        return Outcome(Result.DELIVERED)
    status = STATUS.search(said.words)
    if status is None:
        return Outcome(Result.UNREACHABLE, f"{service.service_name}: no answer that it understands")
    refuses = is_refusal(int(status[1]))
    return Outcome(Result.REFUSED if refuses else Result.UNREACHABLE, f"HTTP {status[1]}")


def _open(settings: Settings) -> AppriseServices:
    """Read the file.

    Raises:
        PrivateFileError: it cannot be used, or a line is no name and address; the address is never shown.
    """
    if settings.carrier_secrets_dir is None:
        raise PrivateFileError(
            f"people.yaml has {NAME} addresses: set MIYUN_CARRIER_SECRETS_DIR to the folder of a file {NAME}"
        )
    path = settings.carrier_secrets_dir / NAME
    keep_apprise_to_ourselves()
    services: dict[str, NotifyBase] = {}
    for number, line in private_lines(path):
        name, _, url = line.partition(" ")
        service = Apprise.instantiate(url.strip(), suppress_exceptions=True)
        if not ENTRY.fullmatch(name) or not isinstance(service, NotifyBase) or name in services:
            raise PrivateFileError(
                f"{path}:{number}: is no new name and Apprise address, as in: duty json://host"
            )
        services[name] = service
    return AppriseServices(services)


def _checked(address: str) -> str:
    if not ENTRY.fullmatch(address):
        raise ValueError(f"must be a name of the file {NAME} in MIYUN_CARRIER_SECRETS_DIR, not an address")
    return address


CARRIER = Carrier(
    name=NAME, words=Bilingual(zh="第三方推送", en="push service"), checked=_checked, open=_open
)
