"""A quiet day through the whole product: hardly an alert, and everything stored."""

import pytest
from support.simulations import Simulated, assert_tables_agree, simulate, unexplained

from schemas.base import Severity

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
AT_MOST = 150
"""Alerts of a whole city and day."""


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """A quiet day of the whole city: long by nature, it is 24 hours of 726 stations, judged and stored."""
    return simulate(tmp_path_factory.mktemp("quiet"), "--scene", "quiet", "--hours", "24")


def test_a_quiet_day_is_quiet(quiet: Simulated) -> None:
    """Few alerts, none critical, none without a reason: those that the day's trifles ask for."""
    assert 0 < len(quiet.latest) <= AT_MOST
    assert Severity.CRITICAL not in quiet.highest.values()
    assert quiet.missed() == []
    assert unexplained(quiet) == []


def test_a_quiet_day_is_stored_whole(quiet: Simulated) -> None:
    """A million minutes and more, summed as the topic has them."""
    assert len(quiet.aggregates) > 1_000_000
    assert_tables_agree(quiet)
