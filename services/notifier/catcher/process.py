"""The catcher's process: a mail server and a webhook that keep what they get, and show it."""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notifier.catcher.page import Pages
from services.notifier.catcher.store import Store, of_mail
from services.notifier.private_file import webhook_secret
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

LARGEST_MAIL = 1 << 20


@dataclass(frozen=True, slots=True)
class Handler:
    """The handler that aiosmtpd calls when a mail is complete."""

    store: Store

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail, then say so: whoever hears 250 need not send it again."""
        raw = envelope.original_content or b""
        try:
            caught = of_mail(raw)
        except ValueError as error:
            return f"554 cannot be read: {str(error)[:200]}"
        taken = self.store.take(caught, raw)
        return "250 kept" if taken else "250 known already, dropped"


async def run(settings: Settings) -> None:
    """Catch until cancelled.

    Raises:
        StopProcessError: a port is taken.
        PrivateFileError: the secret cannot be used.
    """
    secret = webhook_secret(settings)
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of each command
    store = Store(settings.state_dir / f"mail-{settings.namespace}")
    store.load()
    runner = web.AppRunner(Pages(store, secret).application(), access_log=None)
    loop = asyncio.get_running_loop()
    smtp = partial(SMTP, Handler(store), data_size_limit=LARGEST_MAIL, hostname="catcher", loop=loop)
    try:
        mail = await loop.create_server(smtp, settings.catcher_host, settings.catcher_smtp_port)
        await runner.setup()
        await web.TCPSite(runner, settings.catcher_host, settings.catcher_port).start()
    except OSError as error:
        raise StopProcessError(
            f"the catcher cannot listen: {error.strerror or error}; MIYUN_CATCHER_HOST,"
            " MIYUN_CATCHER_SMTP_PORT and MIYUN_CATCHER_PORT say where"
        ) from None
    log.info(
        "catcher: takes mail and webhooks",
        extra={"smtp": settings.catcher_smtp_port, "page": settings.catcher_port},
    )
    try:
        await asyncio.Event().wait()
    finally:
        mail.close()
        await runner.cleanup()
