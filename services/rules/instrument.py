"""Whether an instrument can be trusted: readings that cannot be used, one after the other."""

from services.rules.arranged import PointPlan, StationPlan
from services.rules.channels import Reading, judge_channel
from services.rules.draft import Draft
from services.rules.silence import hold


def judge_quality(draft: Draft, planned: PointPlan, place: StationPlan, *, at: int, bad: int) -> None:
    """``bad`` scans in a row were not usable. Where that is too many, the point's alerts are held."""
    channel = planned.quality
    if channel is None or (bad < channel.quiet_to and channel.key not in draft.hot.channels):
        return
    reading = Reading(at=at, measured=float(bad), nature=draft.hot.nature)
    judge_channel(draft, channel, place, reading)
    if bad >= channel.quiet_to:
        hold(draft, planned, place)
