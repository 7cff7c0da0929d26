"""Messages by mail, over the standard library; Apprise reads the server's address.

Apprise knows the servers of many providers by their domain. Of a failure it tells only that there was one,
and its Message-ID differs at each attempt: so making and sending the message is ours.
"""

import hashlib
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial

from apprise import Apprise
from apprise.plugins.email import NotifyEmail

from schemas.base import Bilingual
from services.notifier.carriers.carrier import Carrier, ThreadedDeliverer, keep_apprise_to_ourselves
from services.notifier.message import DeliveryReport, Message, Result
from services.notifier.private_file import PrivateFileError, read_private
from services.runtime.settings import Settings

ANSWER_WITHIN_S = 15.0
ID_DOMAIN = "alerts.miyun.invalid"
CATCHER_FROM = "alerts@miyun.invalid"
AT_HEADER = "X-Miyun-At"
"""When the alert changed, by the city's clock; ``Date`` is the machine's."""
PERMANENT = 500
NOT_OF_THE_MESSAGE = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
)
"""Refusals of ourselves, such as a wrong password: somebody mends that, and no message is lost by it."""
DEFAULT_PORTS = {"insecure": 25, "starttls": 587, "ssl": 465}
WIRE = SMTP.clone(cte_type="7bit", refold_source="none")
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server as an Apprise address names it. ``secure``: insecure, starttls or ssl."""

    host: str
    port: int
    secure: str
    verify: bool
    user: str | None
    password: str | None = field(repr=False)
    sender: tuple[str, str]
    """Name, which may be empty, and address."""


@dataclass(frozen=True, slots=True)
class Mail(ThreadedDeliverer):
    """The way to the mail server."""

    server: Server

    def send(self, message: Message, address: str) -> DeliveryReport:
        """Send a message over a connection of its own."""
        try:
            smtp = _connection(self.server)
            try:
                smtp.sendmail(self.server.sender[1], [address], composed(self.server, message, address))
            finally:
                with suppress(OSError, smtplib.SMTPException):
                    smtp.quit()  # what is said after the message was taken changes nothing
        except smtplib.SMTPRecipientsRefused as error:
            return _answered(*error.recipients[address])
        except NOT_OF_THE_MESSAGE as error:
            return replace(_answered(error.smtp_code, error.smtp_error), result=Result.UNREACHABLE)
        except smtplib.SMTPResponseException as error:
            return _answered(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            return DeliveryReport(Result.UNREACHABLE, f"{type(error).__name__}: {error}".replace("\n", " "))
        return DeliveryReport(Result.DELIVERED)


def mail_of(settings: Settings) -> Mail:
    """The mail server of MIYUN_MAIL_URL_FILE, or else the local catcher.

    Raises:
        PrivateFileError: the file cannot be used, or holds no mail server.
    """
    path, catcher = settings.mail_url_file, f"{settings.catcher_host}:{settings.catcher_smtp_port}"
    local = f"mailto://{catcher}?mode=insecure&from={CATCHER_FROM}&to={CATCHER_FROM}"
    server = server_of(local if path is None else read_private(path))
    if server is None:
        raise PrivateFileError(f"{path}: is no mail server in Apprise's form (mailto://, mailtos://)")
    return Mail(server)


def server_of(url: str) -> Server | None:
    """The server of an address, with what Apprise knows of providers; None: it is none of a mail server."""
    keep_apprise_to_ourselves()
    read = Apprise.instantiate(url, suppress_exceptions=True)
    if not isinstance(read, NotifyEmail) or not read.smtp_host:
        return None
    name, sender = read.from_addr
    return Server(
        host=read.smtp_host,
        port=read.port or DEFAULT_PORTS[str(read.secure_mode)],
        secure=str(read.secure_mode),
        verify=bool(read.verify_certificate),
        user=read.user,
        password=read.password,
        sender=(str(name or ""), str(sender)),
    )


def message_id(key: str) -> str:
    """The same for the same message, whenever it is sent."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{ID_DOMAIN}>"


def composed(server: Server, message: Message, address: str) -> bytes:
    """The mail as it goes over the wire."""
    mail = EmailMessage(policy=WIRE)
    mail["From"] = Address(server.sender[0], addr_spec=server.sender[1])
    mail["To"] = Address(addr_spec=address)
    mail["Date"] = datetime.now(UTC)
    mail["Message-ID"] = message_id(message.key)
    mail[AT_HEADER] = message.at.isoformat()
    mail["Auto-Submitted"] = "auto-generated"
    # EmailMessage of Python 3.11 loses spaces between encoded words where it folds a subject.
    mail.set_raw("Subject", Header(message.subject, "utf-8", header_name="Subject").encode(linesep="\r\n"))
    mail.set_content(message.body, cte="base64")
    return mail.as_bytes()


def _connection(server: Server) -> smtplib.SMTP:
    """Connected, secured and signed in as the address says."""
    kind = partial(smtplib.SMTP_SSL, context=_tls(server)) if server.secure == "ssl" else smtplib.SMTP
    smtp = kind(server.host, server.port, timeout=ANSWER_WITHIN_S)
    try:
        if server.secure == "starttls":
            smtp.starttls(context=_tls(server))
        if server.user and server.password:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _tls(server: Server) -> ssl.SSLContext:
    tls = ssl.create_default_context()
    if not server.verify:
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    return tls


def _checked(address: str) -> str:
    if not ADDRESS.fullmatch(address):
        raise ValueError("must be a mail address, name@domain")
    return address


def _answered(code: int, words: bytes | str) -> DeliveryReport:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    result = Result.REFUSED if code >= PERMANENT else Result.UNREACHABLE
    return DeliveryReport(result, f"{code} {said}".replace("\n", " "))


CARRIER = Carrier(name="mail", words=Bilingual(zh="邮件", en="mail"), checked=_checked, open=mail_of)
