"""What the monitor looks up outside the log: tried again while it is out of reach, and never guessed.

The answer to a plan event is final, so none is given as long as the question could not be put: after the last
try the process ends, starts again from its checkpoint, and asks anew.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from aiokafka.errors import KafkaError

from services.runtime.signing import PUBLISHER, is_public_key

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0)


class AnchorError(OSError):
    """``publisher.pub`` is there but holds no key: perhaps somebody is writing it."""


async def retried(look: Callable[[], Awaitable[Answer]], waits_s: Sequence[float] = WAITS_S) -> Answer:
    """What ``look`` answers, once broker and file can be reached.

    Raises:
        aiokafka.errors.KafkaError: not even after the last wait.
        OSError: the same; a time-out is one, too.
    """
    for wait_s in waits_s:
        try:
            return await look()
        except (KafkaError, OSError) as error:
            log.warning("monitor: out of reach, tried again", extra={"why": repr(error), "wait_s": wait_s})
            await asyncio.sleep(wait_s)
    return await look()


async def trust_anchor(keys_dir: Path) -> str | None:
    """The public key (hex) that plan events are believed by; None: the installation has none.

    It may come to be while the monitor runs.

    Raises:
        OSError: the file is there and cannot be read.
        AnchorError: it holds no key.
    """
    path = keys_dir / f"{PUBLISHER}.pub"
    try:
        text = path.read_bytes().decode(errors="replace").strip()
    except FileNotFoundError:
        return None
    if not is_public_key(text):
        raise AnchorError(f"{path} holds no public key in hex")
    return text
