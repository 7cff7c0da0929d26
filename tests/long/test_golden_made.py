"""The golden log can be made anew: of the city, the scenes and the simulators as they are today."""

from pathlib import Path

import pytest
from support.golden_events import make
from support.golden_log import Golden
from support.monitor_city import Sent

from schemas.headers import header

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]


def kinds(records: list[Sent]) -> set[str | None]:
    """Their ``ce_type``."""
    return {header(record.headers, "ce_type") for record in records}


def test_the_golden_log_can_be_made_anew(tmp_path: Path) -> None:
    """As large as the stored one, with records of the same kinds, and with two plans."""
    stored, made = Golden.stored(), make(tmp_path)
    assert kinds(made.events) == kinds(stored.events)
    assert len(made.plan_names()) == len(stored.plan_names()) == 2
    assert abs(len(made.events) - len(stored.events)) < 0.2 * len(stored.events)
    assert len(made.given.failed) == len(stored.given.failed) == 1
