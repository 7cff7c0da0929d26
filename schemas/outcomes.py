"""Outcomes of commands, plans and stations: the topic ``outcomes``, the kind in ``ce_type``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from schemas.base import EpochMs, Int32, Int64, Nature, OutputId


class OutcomeKind(StrEnum):
    """The values of ``ce_type`` on the topic ``outcomes``."""

    COMMAND = "command_outcome"
    PLAN_ACTIVATED = "plan_activated"
    STATION = "station_state"
    INSPECTION = "inspection_taken"
    FINDING = "finding"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome:
    """A command was applied, or refused for a reason. Each becomes an audit row."""

    command_id: str
    station: str
    name: str
    target: str
    actor: str
    signer: str
    result: Literal["applied", "refused"]
    reason: str
    at: EpochMs
    """Arrival of the command, epoch ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanActivated:
    """From the causing record on, the partition is judged by ``plan``."""

    plan: str
    partition: Int32
    actor: str
    at: EpochMs


@dataclass(frozen=True, slots=True, kw_only=True)
class StationStateChanged:
    """Which points of a station are silent (DESIGN 3.5).

    ``state``: ``reporting`` (no point is silent), ``partial`` (some are), ``silent`` (nothing is heard
    of the station any more) or ``unheard`` (nothing ever was, for longer than its points may take).
    ``sources``: what has sent its frames lately; ``points``: how many are expected to report.
    """

    station: OutputId
    system: str
    town_code: str
    state: Literal["reporting", "partial", "silent", "unheard"]
    silent_points: tuple[str, ...]
    points: Int32
    sources: tuple[str, ...] = ()
    at: EpochMs


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionTaken:
    """An inspection was taken; ``at`` is when it was made, ``taken_at`` when its record arrived."""

    inspection_id: OutputId
    station: OutputId
    system: str
    town_code: str
    kind: str
    point: str | None
    at: EpochMs
    taken_at: EpochMs
    inspector: str
    grade: Literal["I", "II", "III", "IV"] | None
    defect: str | None
    note: str
    nature: Nature


FindingKind = Literal["input_gap", "new_partition", "engine_failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that the monitor noticed about its own input."""

    kind: FindingKind
    partition: Int32
    offset: Int64
    station: str | None
    detail: str
    at: EpochMs


Outcome = CommandOutcome | PlanActivated | StationStateChanged | InspectionTaken | Finding
OUTCOME_KINDS: dict[type[Any], OutcomeKind] = {
    CommandOutcome: OutcomeKind.COMMAND,
    PlanActivated: OutcomeKind.PLAN_ACTIVATED,
    StationStateChanged: OutcomeKind.STATION,
    InspectionTaken: OutcomeKind.INSPECTION,
    Finding: OutcomeKind.FINDING,
}
