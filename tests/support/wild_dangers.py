"""Dangers that an engine found in a city, compared with those that the oracle finds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from support.wild_city import WildCity

from schemas.alerts import Alert, TransitionReason
from schemas.base import SEVERITY_RANK
from services.judging.outcome_lines import OutcomeLine

CLOCKS = frozenset({"clock_ahead", "clock_behind", "clock_reset", "clock_steps", "clock_stands", "reboots"})
LATE = frozenset(
    {"stored_first", "stored_behind", "batches", "swapped_frames", "frames_again", "radio_delay"}
)
TELLS = {
    "any.clock_fault": CLOCKS,
    "any.no_data": LATE | {"lost_scans", "odd_values"},
}
"""What the way of readings may raise, though the same readings in order do not: by which kinds of faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """An alert while it went on, in event time (epoch ms)."""

    rule: str
    station: str
    point: str
    begins: int
    ends: int
    rank: int
    life_safety: bool
    clock_fault: bool
    reasons: frozenset[str]

    def overlaps(self, other: "Danger", *, slack_ms: int = 0, any_rule: bool = False) -> bool:
        """Returns whether both are of one channel, or at least point, and of one time."""
        return (
            (self.station, self.point) == (other.station, other.point)
            and (any_rule or self.rule == other.rule)
            and self.begins <= other.ends + slack_ms
            and other.begins <= self.ends + slack_ms
        )


@dataclass(frozen=True)
class Comparison:
    """What was found of a city's readings as they arrived, and what there was to be found."""

    city: WildCity

    @cached_property
    def lines(self) -> list[OutcomeLine]:
        """All that comes of the readings as they arrived."""
        return self.city.judged(self.city.arrived)

    @cached_property
    def found(self) -> list[Danger]:
        """By the readings as they arrived."""
        return dangers(self.lines, self.city.ends)

    @cached_property
    def there(self) -> list[Danger]:
        """By the oracle."""
        return dangers(self.city.judged(self.city.true), self.city.ends)

    def missed(self) -> list[Danger]:
        """Dangers that are there and were not found: in their channel, at their time, as severe.

        No rate or mean spans a change of a clock's correction (JUDGING 3): under a faulty clock another alert
        of the point is enough for those.
        """
        return [
            danger
            for danger in self.there
            if not danger.rule.startswith("any.")
            and not any(self._finds(found, danger) for found in self.found)
        ]

    def unfounded(self) -> list[Danger]:
        """Alerts that the same readings in order do not raise, and that no fault of the truth explains.

        Of two devices under one id one may see a danger that the other hides when both come in turn.
        """
        return [
            found
            for found in self.found
            if not self.kinds(found.station) & TELLS.get(found.rule, frozenset())
            and "contradicted" not in found.reasons
            and not ("two_devices" in self.kinds(found.station) and self._is_real(found))
            and not any(found.overlaps(danger, slack_ms=self._slack_ms(found)) for danger in self.there)
        ]

    def _is_real(self, found: Danger) -> bool:
        """Tells if something in the network moves the point at the time."""
        return any(
            (one.station, one.code) == (found.station, found.point)
            and one.envelope.begins <= found.ends
            and found.begins <= one.envelope.ends
            for fault in self.city.faults
            if fault.nature == "physical"
            for one in fault.disturbances
        )

    def kinds(self, station: str) -> frozenset[str]:
        """The kinds of instruments' faults that the truth lists of a station."""
        faults = self.city.faults
        return frozenset(
            one.template for one in faults if one.station == station and one.nature == "instrumental"
        )

    def explained(self, danger: Danger) -> str:
        """The danger, and what the truth lists of its station, for who reads why a test fails."""
        faults = [
            f"{one.template}({one.disturbances[0].amount}) {self._minutes(one.begins, one.ends)}"
            for one in self.city.faults
            if one.station == danger.station
        ]
        when, whose = self._minutes(danger.begins, danger.ends), "life safety" if danger.life_safety else ""
        what = f"{danger.rule} {danger.station} {danger.point} {when} rank {danger.rank} {whose}"
        return f"seed {self.city.seed}: {what} | {'; '.join(faults)}"

    def _minutes(self, begins: int, ends: int) -> str:
        begin = self.city.ends - round(self.city.hours * 3_600_000)
        return f"{(begins - begin) / 60_000:.1f}..{(ends - begin) / 60_000:.1f} min"

    def _finds(self, found: Danger, danger: Danger) -> bool:
        slack_ms = self._slack_ms(danger)
        if found.overlaps(danger, slack_ms=slack_ms):
            return found.rank >= danger.rank or bool(slack_ms)
        is_blurred = danger.rule in self.blurred and self.kinds(danger.station) & CLOCKS
        return bool(is_blurred) and found.overlaps(danger, slack_ms=slack_ms, any_rule=True)

    @cached_property
    def blurred(self) -> frozenset[str]:
        """Rules that compare rates or means."""
        rules = self.city.plan.rules
        return frozenset(rule.rule_id for rule in rules if rule.rate is not None or rule.mean_ms is not None)

    def _slack_ms(self, danger: Danger) -> int:
        """How far an event time may be off: under a clock's fault, by what cannot be seen of it.

        A clock may be behind by two intervals before anything is wrong with it. What is stored under a wrong
        clock says nothing of its true time at all.
        """
        kinds = self.kinds(danger.station)
        if not kinds & CLOCKS:
            return 0
        if kinds & LATE:
            return round(self.city.hours * 3_600_000)
        station = next(one for one in self.city.plan.stations if one.station_id == danger.station)
        quickest_s = min((p.expected_every_s for p in station.points if p.expected_every_s), default=0)
        return max(600_000, 2_000 * quickest_s) + 60_000


def dangers(lines: Iterable[OutcomeLine], until: int) -> list[Danger]:
    """Each time that an alert was active: the alert, and each re-opening of it."""
    snapshots: dict[str, list[Alert]] = {}
    for line in lines:
        if line["type"] == "alert":
            snapshots.setdefault(line["alert"].alert_id, []).append(line["alert"])
    return [danger for each in snapshots.values() for danger in _active(each, until)]


def _active(snapshots: Sequence[Alert], until: int) -> Iterator[Danger]:
    begins: int | None = None
    rank, clock_fault = 0, False
    reasons = frozenset(entry.timeline[-1].reason.value for entry in snapshots)
    for alert in snapshots:
        last = alert.timeline[-1]
        if alert.cleared_at is None and begins is None:
            is_first = last.reason is TransitionReason.RAISED
            begins, rank, clock_fault = (alert.onset_at if is_first else last.at), 0, False
        rank, clock_fault = max(rank, SEVERITY_RANK[alert.severity]), clock_fault or alert.clock_fault
        if begins is not None and (alert.cleared_at is not None or alert is snapshots[-1]):
            yield Danger(
                rule=alert.rule_id,
                station=alert.station_id,
                point=alert.point,
                begins=begins,
                ends=until if alert.cleared_at is None else alert.cleared_at,
                rank=rank,
                life_safety=alert.life_safety,
                clock_fault=clock_fault,
                reasons=reasons,
            )
            begins = None
