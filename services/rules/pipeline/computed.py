"""Points that the engine computes from others of the station: ratios and shares, scan by scan."""

from collections.abc import Mapping

from schemas.events import Scan
from schemas.plan import Ratio, Share
from services.rules.judging_plan import NEVER, PointPlan, gate_open, next_edge
from services.rules.pipeline.channels import judge_value
from services.rules.pipeline.levels import Reading
from services.rules.pipeline.values import weigh
from services.rules.state import HotState
from services.rules.state.minutes import add, bucket_for, minute_of
from services.rules.state.timers import arm
from services.rules.state.working import WorkingState

LEAST_WHOLE = 0.01
"""Of the whole's range: below it a ratio cannot be computed (JUDGING 6)."""
SCHEDULE = "schedule"
"""Kind of the timer of members that begin or cease to be expected."""


class Computer:
    """Computes along a frame: what was scanned earlier in it counts for what comes later."""

    __slots__ = ("_hot", "_newest", "_plan", "_states")

    def __init__(self, working: WorkingState) -> None:
        self._hot = working.hot
        self._plan = working.plan
        self._states: dict[str, float] = {}
        self._newest: dict[str, int] = {}

    def computed(self, at: int, scan: Scan) -> dict[str, tuple[int, float | None]]:
        """The values of all points that the scan of ``at`` lets compute, with their instants.

        None: a part of it is not usable.
        """
        found: dict[str, tuple[int, float | None]] = {}
        for planned in self._plan.computed:
            match planned.point.computed:
                case Ratio() as ratio if ratio.part in scan.values and ratio.whole in scan.values:
                    found[planned.point.code] = at, self._ratio(ratio, scan)
                case Share() as share if any(member.point in scan.values for member in share.members):
                    moved = self._share(planned, share, at, scan)
                    if moved is not None:
                        found[planned.point.code] = moved
        return found

    def _ratio(self, ratio: Ratio, scan: Scan) -> float | None:
        """None: the whole is so small that the ratio would be one of noise."""
        part, whole = self._usable(scan, ratio.part), self._usable(scan, ratio.whole)
        point = self._plan.points[ratio.whole].point
        least = LEAST_WHOLE * max(abs(point.low), abs(point.high))
        return None if part is None or whole is None or abs(whole) < least else 100.0 * part / whole

    def _share(self, planned: PointPlan, share: Share, at: int, scan: Scan) -> tuple[int, float] | None:
        """What members report counts from the share's own newest instant on, where that is later.

        None: no member has said anything new.
        """
        code, points = planned.point.code, self._hot.points
        fresh = {
            member.point: value
            for member in share.members
            if member.point in scan.values
            and (member.point not in points or at > points[member.point].at)
            and (value := self._usable(scan, member.point)) is not None
        }
        if not fresh:
            return None
        self._states |= fresh
        newest = self._newest.get(code, points[code].at if code in points else 0)
        self._newest[code] = at = max(at, newest + 1)
        return at, share_of(planned, share, usable_states(self._hot, share) | self._states, at)

    def _usable(self, scan: Scan, code: str) -> float | None:
        quality = scan.quality.get(code, "good")
        return weigh(scan.values[code], quality, self._plan.points[code]).value


def usable_states(hot: HotState, share: Share) -> dict[str, float]:
    """The last usable states of a share's members."""
    members = (member.point for member in share.members)
    return {
        code: hot.points[code].value for code in members if code in hot.points and hot.points[code].good_at
    }


def share_of(planned: PointPlan, share: Share, states: Mapping[str, float], at: int) -> float:
    """Percent of the members expected at ``at``, and known, that are in the share's state."""
    expected = [
        states[member.point]
        for member in share.members
        if member.point in states and gate_open(planned.expected_in.get(member.point), at)
    ]
    return 100.0 * sum(state == share.state for state in expected) / len(expected) if expected else 0.0


def follow_schedules(working: WorkingState, _key: str, at: int) -> None:
    """The timer: move shares of which a member begins or ceases to be expected."""
    due = NEVER
    for planned in working.plan.computed:
        share = planned.point.computed
        if not isinstance(share, Share) or not planned.expected_in:
            continue
        states = usable_states(working.hot, share)
        state = working.hot.points.get(planned.point.code)
        if not states or state is None:
            continue
        if any(working.hot.points[code].silent for code in states):
            due = min(due, _edge(planned, at))  # nobody knows their states; the next report is computed
            continue
        while (edge := _edge(planned, working.hot.points[planned.point.code].at)) <= at:
            _move(working, planned, edge, share_of(planned, share, states, edge))
        due = min(due, edge)
    arm(working.hot, SCHEDULE, due)


def _edge(planned: PointPlan, at: int) -> int:
    return min(next_edge(gate, at) for gate in planned.expected_in.values())


def _move(working: WorkingState, planned: PointPlan, at: int, value: float) -> None:
    state = working.point(planned.point.code)
    before = state.value
    state.at = state.good_at = at
    state.value = value
    add(bucket_for(working.hot, minute_of(at), planned.point.code), at, value)
    if value != before:
        nature = working.hot.nature
        judge_value(working, planned, Reading(at=at, value=value, before=before, nature=nature))
