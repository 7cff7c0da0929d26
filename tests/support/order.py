"""Which tests go to a worker together, and in which order groups of them begin."""

from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "integration/console/": "console",
    "acceptance/test_scenes.py::test_gas_goes_from_chamber_to_chamber": "gas dig",
    "acceptance/test_scenes.py::test_silence_of_a_sensor_a_station_and_a_gateway_are_told_apart": "silence",
}
"""Tests that share more, or less, than their file, by the beginning of their id below ``tests/``."""
EACH_FOR_ITSELF = ("unit/plans/histories/test_mutation.py", "unit/plans/histories/test_histories.py")
"""Files whose tests share nothing: they fill the gaps between the larger groups."""
LONGEST = (
    "browser/test_story.py",
    "browser/test_console_page.py",
    "acceptance/test_scenes.py",
    "integration/streaming/test_second_service.py",
    "integration/notifier/test_killed.py",
    "integration/recorder/test_recorder_process.py",
    "integration/notifier/test_starting.py",
    "gas dig",
    "integration/cli/test_judge.py",
    "integration/monitor/test_equality.py",
    "integration/monitor/test_endpoints.py",
    "integration/monitor/test_hostile_state.py",
    "integration/monitor/test_other_logs.py",
    "console",
    "integration/simulators/test_replay_csv.py",
    "integration/simulators/test_simulate_run.py",
    "integration/notifier/test_telling.py",
    "acceptance/test_recorded.py",
    "acceptance/test_new_system.py",
    "silence",
    "integration/notifier/test_receivers.py",
    "integration/simulators/test_history.py",
    "simulation/test_monitor.py",
    "integration/plans/test_publish.py",
    "integration/monitor/test_catching_up.py",
    "integration/recorder/test_adoption.py",
    "integration/monitor/test_failures.py",
    "integration/cli/test_coverage.py",
    "integration/plans/test_publish_command.py",
)
"""Groups that take long, the longest first: begun last, one of them would keep a single worker busy."""


class Groups(LoadScopeScheduling):
    """Gives workers groups as a whole, in the order of collection.

    pytest-xdist's own ``xdist_group`` marks do nothing under pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """A test's group: its file, so that a module's fixtures are made once, or what ``GROUPS`` says."""
    below = nodeid.removeprefix("tests/")
    file = below.partition("::")[0]
    named = (group for beginning, group in GROUPS.items() if below.startswith(beginning))
    return next(named, nodeid if file in EACH_FOR_ITSELF else file)


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests in the order in which their groups begin."""
    places = {name: place for place, name in enumerate(LONGEST)}
    return sorted(items, key=lambda item: places.get(group_of(item.nodeid), len(places)))
