"""Alerts as they travel and stand: one full snapshot per transition, in the topic ``alerts``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, NamedTuple

from msgspec import Meta

from schemas.base import Bilingual, EpochMs, Int32, Int64, Nature, OutputId, Severity
from schemas.topics import EVENT_PARTITIONS

MAX_TIMELINE = 50
MAX_READINGS = 20
MAX_COMMENT_BYTES = 2 * 1024
MAX_NOTES_BYTES = 16 * 1024
"""Comments kept on one snapshot, so that it stays under ``MAX_ALERT_BYTES``."""
MAX_ALERT_BYTES = 64 * 1024
MAX_CENSUS_ALERTS = 4_000
"""Alerts of one census record: with the longest ids there are, it still fits into a record of the topic."""


class AlertState(StrEnum):
    """The ISA-18.2 letters (DOMAIN 7.1); derived from condition, acknowledgement and suppression."""

    NORMAL = "A"
    UNACKNOWLEDGED = "B"
    ACKNOWLEDGED = "C"
    RETURNED = "D"
    """Returned to normal, not yet acknowledged."""
    SHELVED = "E"
    SUPPRESSED_BY_DESIGN = "F"
    OUT_OF_SERVICE = "G"


class TransitionReason(StrEnum):
    """The reason of a transition: metric label, log key and words on the screen."""

    RAISED = "raised"
    REOPENED = "reopened"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    SIDE_CHANGED = "side_changed"
    """The value is beyond the limit on the other side now, as severely."""
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    COMMENTED = "commented"
    HELD = "held"
    RESUMED = "resumed"
    GATE_CLOSED = "gate_closed"
    RULE_CHANGED = "rule_changed"
    RULE_REMOVED = "rule_removed"
    SUPERSEDED = "superseded"
    """Returned, never acknowledged, and a new alert of the same channel took its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingAt:
    """A reading that took part in a decision, in the rule's unit."""

    at: EpochMs
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A reason for not annunciating an alert: one of possibly several, each with its own end."""

    kind: str
    actor: str
    reason: str
    until: EpochMs | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One entry of an alert's timeline, with the evidence it rests on.

    ``at`` is event time, ``detected_at`` the arrival of the record that caused it (both epoch ms).
    ``limit`` and ``clear`` are in the rule's unit; ``delay_ms`` and ``samples`` are the delays
    that had to pass. ``partition`` and ``offset`` name the causing record in ``events``.
    """

    seq: Int32
    at: EpochMs
    detected_at: EpochMs
    from_state: AlertState
    to_state: AlertState
    severity: Severity
    reason: TransitionReason
    actor: str
    note: str
    value: float | None
    limit: float | None
    clear: float | None
    delay_ms: Int64
    samples: Int32
    plan: str
    engine_version: str
    partition: Int32
    offset: Int64


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Everything about one alert at one ``seq``. Larger ``seq`` wins; equal ``seq`` is equal.

    Times are epoch ms UTC. ``annunciated_seq`` is the ``seq`` at which the alert last asked for
    attention: an acknowledgement of an older state is refused. ``flapping`` counts re-openings.
    ``timeline`` keeps the last 50 transitions (fewer when their notes are long), ``readings`` the
    last 20 that decided.
    """

    alert_id: OutputId
    seq: Int32
    rule_id: OutputId
    fingerprint: str
    plan: str
    station_id: OutputId
    point: OutputId
    system: str
    town_code: str
    district_code: str
    owner_org: str
    nature: Nature
    life_safety: bool
    severity: Severity
    state: AlertState
    acked: bool
    latched: bool
    suppressions: tuple[Suppression, ...]
    annunciated: bool
    annunciated_seq: Int32
    flapping: Int32
    held: bool
    late: bool
    clock_fault: bool
    onset_at: EpochMs
    raised_at: EpochMs
    detected_at: EpochMs
    cleared_at: EpochMs | None
    acked_at: EpochMs | None
    acked_by: str | None
    closed_at: EpochMs | None
    value: float | None
    limit_value: float | None
    unit: str
    headline: Bilingual
    incident_id: str | None
    src_partition: Int32
    timeline: Annotated[tuple[Transition, ...], Meta(min_length=1)]
    readings: tuple[ReadingAt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """All open alerts of an ``events`` partition; any other that storage holds is an orphan."""

    partition: Int32
    offset: Int64
    """Last offset of ``events`` that the census includes."""
    at: EpochMs
    open_alerts: tuple[OutputId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusPart:
    """Part ``part`` (from 0) of ``parts`` of a census that is too large for one record.

    It speaks of the ids behind ``after``, up to its own last one (the last part: of all behind ``after``),
    and of no others: it is obeyed by itself, whether or not the other parts come.
    """

    partition: Int32
    offset: Int64
    at: EpochMs
    part: Int32
    parts: Int32
    after: OutputId
    open_alerts: Annotated[tuple[OutputId, ...], Meta(min_length=1)]


class PartitionJudged(NamedTuple):
    """A partition of ``events`` in a ``Judged``; a list of four numbers on the wire.

    ``before_ms``: its clock is so much before the record's ``at``. ``records``: so many wait to be judged.
    ``behind_ms``: the time from the clock to the arrival of the log's last record, or for how long records
    have been waiting, whichever is more; 0 when none waits.
    """

    partition: Annotated[int, Meta(ge=0, lt=EVENT_PARTITIONS)]
    before_ms: Int64
    records: Int64
    behind_ms: Int64


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How far a monitor's worker has judged the partitions that it holds; written every few seconds.

    All that came of it stands before this record. ``at``: the largest of the partitions' clocks. 16
    partitions take under 300 bytes while they are near each other, under 500 when all are hours behind.
    """

    at: EpochMs
    partitions: Annotated[tuple[PartitionJudged, ...], Meta(max_length=EVENT_PARTITIONS)]

    def clock_of(self, one: PartitionJudged) -> int:
        """A partition's clock: until when it is judged (epoch ms; 0: nothing there has a time yet)."""
        return max(0, self.at - one.before_ms)
