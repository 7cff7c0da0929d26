"""What a process writes to its log, and how it ends."""

import logging
import sys

import pytest

from services.runtime import processes
from services.runtime.processes import LineFormatter, RateLimit, StopProcessError
from services.runtime.settings import SettingsError


def record(message: str, **extra: object) -> logging.LogRecord:
    """A log record as ``log.info(message, extra=...)`` makes it."""
    made = logging.LogRecord("services.x", logging.INFO, __file__, 1, message, (), None)
    made.created = 1_768_300_800.25
    vars(made).update(extra)
    return made


def test_a_record_is_one_line_with_its_extras() -> None:
    """UTC time, level, logger, message, key=value."""
    line = LineFormatter().format(record("loaded\nanew", partitions=3))
    assert line == "2026-01-13T10:40:00.250Z INFO services.x loaded\\nanew partitions=3"


def test_a_flood_of_the_same_message_is_cut() -> None:
    """The first one after the pause says how many were not written; another message is not held up."""
    now = [100.0]
    limit = RateLimit(burst=2, window_s=30.0, clock=lambda: now[0])
    assert [limit.filter(record("away")) for _ in range(5)] == [True, True, False, False, False]
    assert limit.filter(record("other"))
    now[0] = 131.0
    after = record("away")
    assert limit.filter(after)
    assert "suppressed=3" in LineFormatter().format(after)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SettingsError("wrong setting: MIYUN_CLOCK"), 2, "miyun: wrong setting: MIYUN_CLOCK\n"),
        (StopProcessError("another log", exit_code=3), 3, "miyun: another log\n"),
    ],
)
def test_a_known_end_is_one_line_and_an_exit_code(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for what a person has to mend."""

    async def main() -> int:
        raise error

    assert processes._outcome(main()) == code
    assert capsys.readouterr().err == said


def test_an_unknown_end_is_a_traceback_and_exit_code_1(caplog: pytest.LogCaptureFixture) -> None:
    """It is our bug."""

    async def main() -> int:
        raise ZeroDivisionError("ours")

    assert processes._outcome(main()) == 1
    assert "ZeroDivisionError: ours" in caplog.text


def test_a_main_that_ends_well_gives_its_own_code() -> None:
    """None counts as 0."""

    async def main() -> int | None:
        return None if sys.flags.interactive == 0 else 1

    assert processes._outcome(main()) == 0
