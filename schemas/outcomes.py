"""What became of commands, plans and stations: the topic ``outcomes``, the kind in ``ce_type``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

from schemas.base import Nature

STRICT = ConfigDict(strict=True, extra="ignore")


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

    __pydantic_config__ = STRICT

    command_id: str
    station: str
    name: str
    target: str
    actor: str
    signer: str
    result: Literal["applied", "refused"]
    reason: str
    at: int
    """Arrival of the command, epoch ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanActivated:
    """From the causing record on, the partition is judged by ``plan``."""

    __pydantic_config__ = STRICT

    plan: str
    partition: int
    actor: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StationStateChanged:
    """Which points of a station are silent (DESIGN 3.5).

    ``state``: ``reporting`` (no point is silent), ``partial`` (some are), ``silent`` (nothing is heard
    of the station any more) or ``unheard`` (nothing ever was, for longer than its points may take).
    ``sources``: what has sent its frames lately; ``points``: how many are expected to report.
    """

    __pydantic_config__ = STRICT

    station: str
    system: str
    town_code: str
    state: Literal["reporting", "partial", "silent", "unheard"]
    silent_points: tuple[str, ...]
    points: int
    sources: tuple[str, ...] = ()
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionTaken:
    """An inspection was taken; ``at`` is when it was made, ``taken_at`` when its record arrived."""

    __pydantic_config__ = STRICT

    inspection_id: str
    station: str
    system: str
    town_code: str
    kind: str
    point: str | None
    at: int
    taken_at: int
    inspector: str
    grade: Literal["I", "II", "III", "IV"] | None
    defect: str | None
    note: str
    nature: Nature


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that the monitor noticed about its own input."""

    __pydantic_config__ = STRICT

    kind: Literal["input_gap", "new_partition", "engine_failure"]
    partition: int
    offset: int
    station: str | None
    detail: str
    at: int


Outcome = CommandOutcome | PlanActivated | StationStateChanged | InspectionTaken | Finding
OUTCOME_KINDS: dict[type[Any], OutcomeKind] = {
    CommandOutcome: OutcomeKind.COMMAND,
    PlanActivated: OutcomeKind.PLAN_ACTIVATED,
    StationStateChanged: OutcomeKind.STATION,
    InspectionTaken: OutcomeKind.INSPECTION,
    Finding: OutcomeKind.FINDING,
}
OUTCOME_ADAPTERS: dict[OutcomeKind, TypeAdapter[Any]] = {
    kind: TypeAdapter(model) for model, kind in OUTCOME_KINDS.items()
}
