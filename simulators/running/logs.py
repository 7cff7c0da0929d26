"""The form of the simulators' log: one line per record, ``time level logger message key=value``."""

import logging
import sys
import time


def configure_logging(level: int = logging.INFO) -> None:
    """Log to stderr in UTC.

    aiokafka says the same hundreds of times while a broker is away, so it is silenced: the
    publisher says once that the broker is away, with the error, and once that it is back.
    """
    formatter = logging.Formatter(
        "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
