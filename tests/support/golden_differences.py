"""Where effects differ from those of the golden log: for people to read, and counted for the CHANGELOG."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from support.golden_log import Json

SHOWN = 5
"""Differences that a report spells out, of each kind."""
SHOWN_FIELDS = 6
MOST_FIELDS = 12
"""Fields that a kind names in the summary."""
NAMES = ("rule_id", "station_id", "station", "point", "inspection_id", "command_id", "bucket", "partition")
"""Fields of a body that tell which effect of its record it is."""
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an effect. ``path`` is as in ``body.timeline[3].limit``; JSON text, or None: not there."""

    path: str
    was: str | None
    now: str | None

    @property
    def field(self) -> str:
        """The path without numbers and point codes, as it is counted."""
        return re.sub(r"\[\d+\]", "[]", re.sub(r"^body\.points\.[^.]+", "body.points.*", self.path))


@dataclass(frozen=True, slots=True)
class Difference:
    """An effect that is gone, new, or not what it was."""

    was: Json | None
    now: Json | None
    changes: tuple[Change, ...] = ()

    @property
    def kind(self) -> str:
        """``ce_type`` of the effect."""
        return str((self.was or self.now or {})["kind"])

    def __str__(self) -> str:
        effect = self.was or self.now or {}
        named = " ".join(str(effect["body"][name]) for name in NAMES if name in effect["body"])
        what = f"{self.kind} of record {effect['cause']} ({named or effect['key']})"
        if self.now is None or self.was is None:
            headline = effect["body"].get("headline", {}).get("en", "")
            verb = "is not there any more" if self.now is None else "is new"
            return f"{what} {verb}" + (f": {headline}" if headline else "")
        lines = [
            f"    {c.path}: was {_short(c.was)}, is {_short(c.now)}" for c in self.changes[:SHOWN_FIELDS]
        ]
        more = len(self.changes) - SHOWN_FIELDS
        return "\n".join([f"{what} differs:", *lines, *([f"    and {more} more"] if more > 0 else [])])


@dataclass(slots=True)
class Differences:
    """All differences of two lists of effects; false when there are none."""

    totals: Counter[str]
    found: list[Difference] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.found)

    def by_kind(self) -> list[str]:
        """A line for each kind: how many differ in which fields, are gone, are new."""
        return [self._line(kind) for kind in sorted({one.kind for one in self.found})]

    def report(self) -> str:
        """What a failing test says."""
        kinds = sorted({one.kind for one in self.found})
        first = [one for kind in kinds for one in [d for d in self.found if d.kind == kind][:SHOWN]]
        return "\n".join(
            [
                f"{len(self.found)} effects are not those of the golden log:",
                *(f"  {line}" for line in self.by_kind()),
                f"the first of them, up to {SHOWN} of each kind:",
                *(f"  {one}" for one in first),
                "If that is meant: `make golden`, and its lines into the CHANGELOG.",
            ]
        )

    def changelog(self) -> str:
        """The same as an entry of the CHANGELOG."""
        lines = "\n".join(f"  - {line}" for line in self.by_kind())
        return f"- Effects of the same log differ (golden log, by kind; say why):\n{lines}"

    def _line(self, kind: str) -> str:
        ours = [one for one in self.found if one.kind == kind]
        both = [one for one in ours if one.was is not None and one.now is not None]
        fields = Counter(field for one in both for field in {change.field for change in one.changes})
        most = sorted(fields.items(), key=lambda counted: (-counted[1], counted[0]))
        named = [f"`{name}` {times}" for name, times in most[:MOST_FIELDS]]
        rest = [f"{len(fields) - MOST_FIELDS} more fields"] if len(fields) > MOST_FIELDS else []
        said = [f"{len(both)} of {self.totals[kind]} differ ({', '.join([*named, *rest])})"] if both else []
        gone, new = sum(one.now is None for one in ours), sum(one.was is None for one in ours)
        said += [f"{gone} are gone"] if gone else []
        said += [f"{new} are new"] if new else []
        return f"`{kind}`: {', '.join(said)}"


def compare(was: Iterable[Json], now: Iterable[Json]) -> Differences:
    """Compare effects, record by record of ``events``.

    Of one record those of a station keep their order; between stations, and between topics, there is none.
    """
    before, after = _grouped(was), _grouped(now)
    found = Differences(Counter(one["kind"] for group in before.values() for one in group))
    for place in sorted(before.keys() | after.keys(), key=_by_offset):
        old, new = before.get(place, []), after.get(place, [])
        if not _same(old, new):
            found.found += _paired(old, new)
    found.found = list(_moved(found.found))
    return found


def _moved(found: list[Difference]) -> Iterator[Difference]:
    """What is gone at one record and new at another is one difference: it comes of another record."""
    new: dict[str, list[Json]] = {}
    for one in found:
        if one.was is None and one.now is not None:
            new.setdefault(_name(one.now), []).append(one.now)
    for one in found:
        waiting = [] if one.was is None else new.get(_name(one.was), [])
        if one.now is None and waiting:
            now = waiting.pop(0)
            yield Difference(one.was, now, tuple(_changes(one.was, now)))
        elif one.was is not None:
            yield one
    for rest in new.values():
        yield from (Difference(None, now) for now in rest)


def _grouped(effects: Iterable[Json]) -> dict[Place, list[Json]]:
    """By causing record, topic and station."""
    groups: dict[Place, list[Json]] = {}
    for one in effects:
        body = one["body"]
        place = one["cause"], one["topic"], str(body.get("station_id") or body.get("station") or "")
        groups.setdefault(place, []).append(one)
    return groups


def _by_offset(place: Place) -> tuple[int, int, Place]:
    partition, offset = place[0].split(":")
    return int(offset), int(partition), place


def _paired(old: list[Json], new: list[Json]) -> Iterator[Difference]:
    """Effects about the same thing belong together; what else stands where it did not differs in order."""
    places: dict[str, tuple[list[Json], list[Json]]] = {}
    for side, effects in enumerate((old, new)):
        for one in effects:
            places.setdefault(_name(one), ([], []))[side].append(one)
    pairs = [pair for name in places for pair in zip_longest(*places[name])]
    found = [
        Difference(one, other, tuple(_changes(one, other))) for one, other in pairs if not _same(one, other)
    ]
    if not found:  # the same effects in another order
        order = Change("order", _text([_name(one) for one in old]), _text([_name(one) for one in new]))
        found = [Difference(old[0], new[0], (order,))]
    yield from found


def _name(effect: Json) -> str:
    return "|".join([effect["kind"], *(str(effect["body"].get(name, "")) for name in NAMES)])


def _changes(was: Json | None, now: Json | None) -> Iterator[Change]:
    if was is None or now is None:
        return
    before, after = dict(leaves(was)), dict(leaves(now))
    for path in [*before, *(path for path in after if path not in before)]:
        if before.get(path) != after.get(path):
            yield Change(path, before.get(path), after.get(path))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value that holds no others, as JSON text: 20 is not 20.0."""
    if isinstance(value, dict) and value:
        for name, inside in value.items():
            yield from leaves(inside, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, inside in enumerate(value):
            yield from leaves(inside, f"{path}[{number}]")
    else:
        yield path, _text(value)


def _same(was: Any, now: Any) -> bool:
    return was == now and _text(was) == _text(now)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _short(text: str | None) -> str:
    if text is None:
        return "nothing"
    return text if len(text) <= 160 else f"{text[:160]} ..."
