"""Mistakes of station types: ranges, states, computed points, schedules."""

from collections import Counter
from collections.abc import Iterator, Mapping

from schemas.city.files import City, Mistake
from schemas.city.stations import PointFile, ShareFile, StationType
from services.plans.compile.selectors import is_reported
from services.plans.lint.messages import Complaint, unknown
from services.plans.lint.selectors import BUILTIN
from services.rules.builtin import STATION_POINT

RESERVED = {*BUILTIN, STATION_POINT}
"""Codes of points that the engine provides."""


def type_mistakes(city: City) -> Iterator[Mistake]:
    """All mistakes of all station types, but for phases of calendars."""
    for placed in city.station_types:
        kind = placed.item
        for code, count in Counter(point.code for point in kind.points).items():
            if count > 1:
                yield placed.mistake(f"point {code} stands {count} times in {kind.type}", "points")
        for index, point in enumerate(kind.points):
            for path, text in _point(kind, point):
                yield placed.mistake(text, "points", index, *path)


def _point(kind: StationType, point: PointFile) -> Iterator[Complaint]:
    others = {other.code: other for other in kind.points if other.code != point.code}
    if point.code in RESERVED:
        yield ("code",), f"{point.code} is a point that the engine provides: another code"
    if point.range[0] >= point.range[1]:
        yield ("range",), f"range {point.range} is empty: lower end first"
    yield from _states(point)
    yield from _schedule(point)
    yield from flatline_mistakes(point)
    if point.ratio is not None and point.share is not None:
        yield ("share",), "ratio or share, not both"
    if point.ratio is not None:
        yield from _ratio(point, others)
    if point.share is not None:
        yield from _share(point, others)


def _states(point: PointFile) -> Iterator[Complaint]:
    low, high = point.range
    if point.states and (low != 0 or high != int(high)):
        yield (
            ("range",),
            f"range {point.range}: states are counted from 0 to the last, here [0, {max(point.states)}]",
        )
    for state in point.states:
        if not low <= state <= high:
            yield ("states", str(state)), f"{state} lies outside the range, {low:g} to {high:g}"


def flatline_mistakes(point: PointFile) -> Iterator[Complaint]:
    """Yields what is wrong with the steps of a point's readings and with how far they should move."""
    span = point.range[1] - point.range[0]
    if point.resolution is not None and point.resolution > span:
        yield ("resolution",), f"a step of {point.resolution:g} is more than the whole range"
    if point.flatline is None:
        return
    if point.states or point.mode != "periodic" or not is_reported(point):
        yield ("flatline",), f"{point.code}: only a value that devices read at intervals can be stuck"
    if point.flatline.least > span:
        yield ("flatline", "least"), f"it can never move by {point.flatline.least:g}: the range is {span:g}"
    if point.flatline.within_s < 3 * point.every_s:
        text = (
            f"{point.flatline.within_s} s hold less than three readings, which come every {point.every_s} s"
        )
        yield ("flatline", "within_s"), text


def _schedule(point: PointFile) -> Iterator[Complaint]:
    if point.schedule and point.reference is None:
        yield ("schedule",), "a schedule says how often the reference counts: there is no reference"
    seen: set[tuple[str, str]] = set()
    for index, scheduled in enumerate(point.schedule):
        for phase in scheduled.phases:
            if (scheduled.calendar, phase) in seen:
                yield ("schedule", index, "phases"), f"{phase} stands above already: once per schedule"
            seen.add((scheduled.calendar, phase))


def _ratio(point: PointFile, others: Mapping[str, PointFile]) -> Iterator[Complaint]:
    """Both parts come in the same scan, or there is nothing to divide."""
    assert point.ratio is not None
    found = []
    for field, code in (("part", point.ratio.part), ("whole", point.ratio.whole)):
        if code not in others or not is_reported(others[code]):
            yield ("ratio", field), _no_source(code, others)
        else:
            found.append(others[code])
    if point.unit != "%":
        yield ("unit",), f"in {point.unit!r}, but a ratio gives '%'"
    if len(found) < 2:
        return
    part, whole = found
    if part.unit != whole.unit:
        text = f"{part.code} is in {part.unit!r}, {whole.code} in {whole.unit!r}: one unit for both"
        yield ("ratio",), text
    if len({part.every_s, whole.every_s, point.every_s}) > 1 or part.mode != whole.mode:
        text = (
            f"{part.code} comes every {part.every_s} s, {whole.code} every {whole.every_s} s, {point.code} "
            f"every {point.every_s} s: a ratio is of one scan, so one interval and mode for all"
        )
        yield ("ratio",), text


def _share(point: PointFile, others: Mapping[str, PointFile]) -> Iterator[Complaint]:
    share = point.share
    assert share is not None
    if point.unit != "%":
        yield ("unit",), f"in {point.unit!r}, but a share gives '%'"
    for index, code in enumerate(share.points):
        if code not in others or not is_reported(others[code]):
            yield ("share", "points", index), _no_source(code, others)
        else:
            yield from _member(point, share, others[code])
    if len(set(share.points)) < len(share.points):
        yield ("share", "points"), "a member stands twice"
    for code in share.expected:
        if code not in share.points:
            yield ("share", "expected", code), unknown("member", code, share.points)


def _member(point: PointFile, share: ShareFile, member: PointFile) -> Iterator[Complaint]:
    if share.state not in member.states:
        states = ", ".join(map(str, sorted(member.states))) or "no states"
        yield ("share", "state"), f"{member.code} is never {share.state}; it has {states}"
    if member.mode != point.mode:
        text = f"{point.code} is {point.mode}, its member {member.code} {member.mode}: as its members"
        yield ("mode",), text


def _no_source(code: str, others: Mapping[str, PointFile]) -> str:
    reported = [other for other, point in others.items() if is_reported(point)]
    if code in others:
        return f"{code} is not reported by a device: computed points rest on such as are"
    return unknown("point", code, reported)
