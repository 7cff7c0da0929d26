"""Messages to whatever Apprise has an address form for: WeCom, DingTalk, Feishu, SMS gateways, hooks.

Apprise addresses hold tokens, so they stand in a file of secrets, ``apprise`` in MIYUN_CARRIER_SECRETS_DIR: a
line for each, a name and an address (``duty-wecom wecombot://KEY``); people.yaml says only the name. See
Apprise's list of services for the forms. Without somebody who has such an address nothing of this is read.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import get_ident
from typing import Self

from apprise import Apprise, NotifyBase, NotifyFormat

from schemas.base import Bilingual
from services.notifier.carriers.carrier import (
    APPRISE_LOG,
    Carrier,
    ThreadedDeliverer,
    http_failure,
    keep_apprise_to_ourselves,
)
from services.notifier.message import DeliveryReport, Message, Result
from services.notifier.private_file import PrivateFileError, private_lines
from services.runtime.settings import Settings

NAME = "apprise"
ENTRY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
STATUS = re.compile(r"\berror=(\d{3})\b")
"""How Apprise's services tell the HTTP answer that they got."""


@dataclass(frozen=True, slots=True)
class AppriseServices(ThreadedDeliverer):
    """The services of the file, by name."""

    services: Mapping[str, NotifyBase] = field(repr=False)

    def send(self, message: Message, address: str) -> DeliveryReport:
        """Send a message to a name of the file."""
        service = self.services.get(address)
        if service is None:
            gone = f"the file {NAME} of the carriers' secrets has no {address}"
            return DeliveryReport(Result.REFUSED, gone)
        with _LastWarning() as warning:
            try:
                is_taken = service.notify(
                    title=message.subject, body=message.body, body_format=NotifyFormat.TEXT
                )
            except Exception as error:  # noqa: BLE001  # any of a hundred services may raise what it likes
                return DeliveryReport(Result.UNREACHABLE, type(error).__name__)
        if is_taken:
            return DeliveryReport(Result.DELIVERED)
        status = STATUS.search(warning.words)
        if status is None:
            unclear = f"{service.service_name}: no answer that it understands"
            return DeliveryReport(Result.UNREACHABLE, unclear)
        return http_failure(int(status[1]))


class _LastWarning(logging.Handler):
    """Keeps the last warning of Apprise in one thread: it returns whether a message went, and no reason."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the words of a warning of our thread."""
        if record.thread == self._thread and record.levelno >= logging.WARNING:
            self.words = record.getMessage()

    def __enter__(self) -> Self:
        APPRISE_LOG.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        APPRISE_LOG.removeHandler(self)


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
