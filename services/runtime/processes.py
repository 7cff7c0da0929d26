"""What every long-running process does the same way: logging, event loop, signals, exit codes."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, NoReturn

import uvloop

from services.runtime.words import ByLanguage, ExplainedError

EXIT_FAILED = 1
EXIT_USAGE = 2

log = logging.getLogger(__name__)

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class StopProcessError(ExplainedError):
    """Ends the process, or the command, with one line on stderr and an exit code of its own."""

    def __init__(self, message: str | ByLanguage, *, exit_code: int = EXIT_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class LineFormatter(logging.Formatter):
    """One line per record: UTC time, level, logger, message, then ``extra`` as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a traceback, if any, follows on lines of its own."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        extra = "".join(f" {k}={v}" for k, v in vars(record).items() if k not in _PLAIN)
        message = record.getMessage().replace("\n", "\\n")
        line = f"{moment[:-6]}Z {record.levelname} {record.name} {message}{extra}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class RateLimit(logging.Filter):
    """Lets ``burst`` records of the same message template through per ``window_s``."""

    def __init__(
        self, *, burst: int = 5, window_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._clock = clock
        self._burst = burst
        self._window_s = window_s
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written; the first after a pause says how many were not."""
        key = (record.name, str(record.msg))
        now = self._clock()
        since, count = self._seen.get(key, (now, 0))
        if now - since > self._window_s:
            if count > self._burst:
                record.suppressed = count - self._burst
            since, count = now, 0
        self._seen[key] = (since, count + 1)
        return count < self._burst


def configure_logging(level: int = logging.INFO) -> None:
    """Log to stderr. Kafka clients log at INFO at most: their debug logging costs even when dropped.

    Of Faust only warnings: our own lines tell what it does.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    limit = RateLimit()
    handler.addFilter(lambda record: not _is_chatty(record) or limit.filter(record))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(max(level, logging.INFO))
    for name in ("faust", "mode", "aiokafka.consumer.subscription_state"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _is_chatty(record: logging.LogRecord) -> bool:
    return record.name.split(".")[0] in ("aiokafka", "faust", "mode")


def run(main: Coroutine[Any, Any, int | None]) -> NoReturn:
    """Run ``main`` until it ends and exit with its code (None: 0).

    SIGTERM and SIGINT cancel it once, so that it can end in its ``finally``; the exit code is then 0.
    An ``ExplainedError`` becomes one line and its exit code, anything else a traceback and exit code 1.
    """
    configure_logging()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Faust's threads make their loops by it too
    sys.exit(_outcome(main))


def _outcome(main: Coroutine[Any, Any, int | None]) -> int:
    try:
        return asyncio.run(_signalled(main)) or 0
    except ExplainedError as error:
        print(f"miyun: {error}", file=sys.stderr)
        return error.exit_code
    except Exception:
        log.critical("process: failed", exc_info=True)
        return EXIT_FAILED


async def _signalled(main: Coroutine[Any, Any, int | None]) -> int | None:
    task = asyncio.ensure_future(main)
    signalled: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        if not signalled:
            log.info("process: stopping at a signal", extra={"signal": number.name})
            signalled.append(number)
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if signalled:
            return 0
        raise
