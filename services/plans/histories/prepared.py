"""Rules tried by histories: what instruments read, and every alert that must come of it, and no other."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from yaml import YAMLError

from schemas.plan import Plan
from services.plans.city.folder import CityError
from services.plans.city.yaml_lines import read
from services.plans.histories.file import (
    ExpectedTransition,
    HistoriesFile,
    HistoryError,
    HistoryFile,
    Stimulus,
    expected_of,
    stimuli_of,
    until_ms,
)
from services.plans.histories.play import ObservedTransition, play
from services.plans.histories.small_city import SmallCities, load_small_cities
from services.rules.index import PlanIndex
from services.runtime.screen import duration

FOLDER = "histories"
PLAN_ID = "0" * 64


@dataclass(frozen=True, slots=True)
class Prepared:
    """A history with all that is needed to play it as often as one likes."""

    history: HistoryFile
    stimuli: tuple[Stimulus, ...]
    expected: tuple[ExpectedTransition, ...]
    plans: tuple[Plan, ...]
    start: int
    """Epoch ms."""
    until: int
    """Ms after it."""

    def differences(self, plans: Sequence[Plan] | None = None) -> list[str]:
        """Compares expected and observed, under the rule as it is or, given ``plans``, as it might be."""
        return _differences(self.expected, list(self.transitions(plans)))

    def transitions(self, plans: Sequence[Plan] | None = None) -> Iterator[ObservedTransition]:
        """Plays it, under the rule as it is or, given ``plans``, as it might be."""
        indexed = [PlanIndex.of(plan, PLAN_ID) for plan in plans or self.plans]
        return play(self.history, self.stimuli, indexed, start=self.start, until=self.until)


def load_histories(folder: Path, *, rule: str | None = None) -> list[Prepared]:
    """The histories of a city folder, of all rules or of one, in the order of files.

    Raises:
        CityError: a history, or what it needs of the city, has mistakes.
        OSError: a file cannot be read.
    """
    cities = load_small_cities(folder)
    found: list[Prepared] = []
    mistakes: list[str] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        for history in _read(path, mistakes):
            if rule not in (None, history.rule):
                continue
            try:
                found.append(_prepared(history, cities))
            except HistoryError as error:
                mistakes.append(f"{path}: {history.rule}: {history.name}: {error}")
    if mistakes:
        raise CityError(tuple(mistakes))
    return found


def _read(path: Path, mistakes: list[str]) -> Iterable[HistoryFile]:
    try:
        data = json.dumps(read(path.read_text(encoding="utf-8")).data, default=str)
        return HistoriesFile.model_validate_json(data).histories
    except (YAMLError, UnicodeDecodeError) as error:
        mistakes.append(f"{path}: not YAML in UTF-8: {error}")
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            where = ".".join(str(part) for part in one["loc"])
            mistakes.append(f"{path}: {where}: {one['msg']}")
    return ()


def _prepared(history: HistoryFile, cities: SmallCities) -> Prepared:
    stimuli = stimuli_of(history, every_ms=cities.every_ms(history))
    zone = ZoneInfo(cities.city.district.time_zone)
    return Prepared(
        history=history,
        stimuli=stimuli,
        expected=expected_of(history),
        plans=cities.plans(history, stimuli),
        start=round(datetime.fromisoformat(history.start).replace(tzinfo=zone).timestamp()) * 1000,
        until=until_ms(history, stimuli),
    )


def _differences(wanted: Sequence[ExpectedTransition], came: Sequence[ObservedTransition]) -> list[str]:
    """Line by line: what was expected there, and what came."""
    if len(wanted) == len(came) and all(map(_same, wanted, came)):
        return []
    return [
        f"{'  ' if want is not None and got is not None and _same(want, got) else '! '}"
        f"expected {_text(want):<40} came {_text(got)}"
        for want, got in zip_longest(wanted, came)
    ]


def _same(want: ExpectedTransition, got: ObservedTransition) -> bool:
    return (
        want.at == got.at
        and want.reason == got.reason
        and want.severity in (None, got.severity)
        and want.point in (None, got.point)
    )


def _text(one: ExpectedTransition | ObservedTransition | None) -> str:
    if one is None:
        return "nothing"
    parts = (duration(one.at), one.reason, one.severity, one.point and f"@{one.point}")
    return " ".join(part for part in parts if part)
