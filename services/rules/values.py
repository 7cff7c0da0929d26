"""One usable value of a point meets every rule that watches it."""

from dataclasses import dataclass

from schemas.base import Nature
from services.rules.arranged import Channel, PointPlan, StationPlan
from services.rules.channels import Reading, judge_channel, leave_gate
from services.rules.draft import Draft
from services.rules.measures import graded, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A usable value of a point, in its unit. ``before``: the usable value before it."""

    at: int
    value: float
    before: float | None
    gap: bool
    nature: Nature
    clock_fault: bool = False
    defect: str | None = None
    """What an inspection has found."""


def judge_value(draft: Draft, planned: PointPlan, place: StationPlan, read: Value) -> None:
    """Judge a value by each channel; one at rest whose limits it does not concern is passed over."""
    for planned_channel in planned.channels:
        channel = planned_channel
        if read.at >= channel.until and channel.after is not None:
            channel = channel.after
        measured = measure(draft, channel, read.at, graded(channel, read.value, read.defect), gap=read.gap)
        if measured is None:
            leave_gate(draft, channel, place, read.at)
        elif not _is_quiet(draft, channel, measured):
            judge_channel(draft, channel, place, _reading(channel, read, measured))


def _is_quiet(draft: Draft, channel: Channel, measured: float) -> bool:
    return channel.key not in draft.hot.channels and channel.quiet_from <= measured < channel.quiet_to


def _reading(channel: Channel, read: Value, measured: float) -> Reading:
    plain = channel.is_plain and read.before is not None
    return Reading(
        at=read.at,
        measured=measured,
        before=channel.scale * read.before + channel.shift if plain and read.before is not None else None,
        raw=read.value,
        gap=read.gap,
        nature=read.nature,
        clock_fault=read.clock_fault,
        defect=read.defect,
    )
