"""What stands outside the log is asked for until it answers: a time-out refuses nothing."""

from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError

from services.monitor.catalogue import Catalogue
from services.monitor.lookups import AnchorError, retried, trust_anchor
from services.runtime.signing import PUBLISHER, ensure_key

AT_ONCE = (0.0, 0.0)


class Slow:
    """Something that fails so often before it answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def answer(self) -> str:
        """The answer, or the next failure."""
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


async def test_what_times_out_is_asked_again() -> None:
    """Of the broker or of a file; a third failure ends the process, which starts again."""
    slow = Slow(TimeoutError(), KafkaTimeoutError())
    assert await retried(slow.answer, AT_ONCE) == "answer"
    assert slow.asked == 3
    away = Slow(*[KafkaConnectionError()] * 9)
    with pytest.raises(KafkaConnectionError):
        await retried(away.answer, AT_ONCE)
    assert away.asked == 3


async def test_a_mistake_of_ours_is_not_tried_again() -> None:
    """Only what a later try may find otherwise."""
    wrong = Slow(KeyError("x"))
    with pytest.raises(KeyError):
        await retried(wrong.answer, AT_ONCE)
    assert wrong.asked == 1


async def test_the_anchor_may_be_missing_but_not_unreadable(tmp_path: Path) -> None:
    """A file that is being written is no answer: the plan event would be refused for good."""
    assert await trust_anchor(tmp_path) is None
    key, path = ensure_key(tmp_path, PUBLISHER), tmp_path / f"{PUBLISHER}.pub"
    assert await trust_anchor(tmp_path) == key.public_key
    for half in (b"", key.public_key[:30].encode(), b"\xff\xfe", b"no key"):
        path.write_bytes(half)
        with pytest.raises(AnchorError):
            await trust_anchor(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        await trust_anchor(tmp_path)


async def test_a_catalogue_passes_on_that_it_could_not_look() -> None:
    """None says that there is no such plan, which is final."""

    async def away(_: str) -> None:
        raise KafkaTimeoutError

    async def none() -> None:
        return None

    with pytest.raises(KafkaTimeoutError):
        await Catalogue(away, none).find("a" * 64)
