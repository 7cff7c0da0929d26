"""Points that the engine computes from others of the station: ratios and shares, scan by scan."""

from collections.abc import Mapping

from schemas.events import Scan
from schemas.plan import Ratio, Share
from services.rules.channels import judge_value
from services.rules.comparators import Measurement
from services.rules.judging_plan import NEVER, PointPlan, gate_open, next_edge
from services.rules.minutes import add, bucket_for, minute_of
from services.rules.quality import usable
from services.rules.state import HotState
from services.rules.working_state import WorkingState


class Computer:
    """Computes along a frame: what was scanned earlier in it counts for what comes later."""

    __slots__ = ("_hot", "_newest", "_plan", "_states")

    def __init__(self, working: WorkingState) -> None:
        self._hot = working.hot
        self._plan = working.plan
        self._states: dict[str, float] = {}
        self._newest: dict[str, int] = {}

    def computed(self, scan: Scan) -> dict[str, float | None]:
        """The values of all points that the scan lets compute (None: a part of it is not usable)."""
        found: dict[str, float | None] = {}
        for planned in self._plan.computed:
            match planned.point.computed:
                case Ratio() as ratio if ratio.part in scan.values and ratio.whole in scan.values:
                    found[planned.point.code] = self._ratio(ratio, scan)
                case Share() as share if any(member.point in scan.values for member in share.members):
                    value = self._share(planned, share, scan)
                    if value is not None:
                        found[planned.point.code] = value
        return found

    def _ratio(self, ratio: Ratio, scan: Scan) -> float | None:
        part, whole = self._usable(scan, ratio.part), self._usable(scan, ratio.whole)
        return None if part is None or not whole else 100.0 * part / whole

    def _share(self, planned: PointPlan, share: Share, scan: Scan) -> float | None:
        """None for a late scan: the share has moved on."""
        code = planned.point.code
        newest = self._newest.get(code, self._hot.points[code].at if code in self._hot.points else 0)
        if scan.at <= newest:
            return None
        self._newest[code] = scan.at
        for member in share.members:
            value = self._usable(scan, member.point) if member.point in scan.values else None
            if value is not None:
                self._states[member.point] = value
        return share_of(planned, share, usable_states(self._hot, share) | self._states, scan.at)

    def _usable(self, scan: Scan, code: str) -> float | None:
        quality = scan.quality.get(code, "good")
        return usable(scan.values[code], quality, self._plan.points[code].point).value


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


def follow_schedules(working: WorkingState) -> int:
    """Moves shares of which a member begins or ceases to be expected. Returns when that happens next."""
    clock, due = working.cause.arrival, NEVER
    for planned in working.plan.computed:
        share = planned.point.computed
        if not isinstance(share, Share) or not planned.expected_in:
            continue
        states = usable_states(working.hot, share)
        state = working.hot.points.get(planned.point.code)
        if not states or state is None:
            continue
        while (edge := _edge(planned, working.hot.points[planned.point.code].at)) <= clock:
            _move(working, planned, edge, share_of(planned, share, states, edge))
        due = min(due, edge)
    return due


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
        judge_value(working, planned, Measurement(at=at, value=value, before=before, nature=nature))
