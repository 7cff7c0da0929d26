"""The messages of the topic ``events``. The kind is the header ``ce_type``, not a field."""

import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.base import MAX_INT64, MAX_TIME_MS, Id, Nature, Quality, Sha256, Text, TimeMs, Wire

MAX_EVENT_BYTES = 512 * 1024
"""Largest event on the log, in bytes of its value."""


class EventKind(StrEnum):
    """The values of ``ce_type`` on the topic ``events``."""

    GENESIS = "genesis"
    TELEMETRY = "telemetry"
    INSPECTION = "inspection"
    REPORT = "report"
    COMMAND = "command"
    TICK = "tick"
    PLAN = "plan"
    DERIVED = "derived"
    CONTEXT = "context"


DeviceTimeMs = Annotated[int, Field(ge=0, le=MAX_TIME_MS)]
"""A time told by a device: may be 1970 when its clock was reset (the engine says so)."""
Epoch = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""The name of a log: a UUID."""
Reading = Annotated[float, Field(allow_inf_nan=True)]


class Scan(Wire):
    """The readings of a station's points at one instant. ``None`` is "no value"."""

    at: DeviceTimeMs
    values: Annotated[dict[Id, Reading | None], Field(max_length=500)]
    quality: dict[Id, Quality] = Field(default_factory=dict)
    """Only points that are not ``good``."""


class Telemetry(Wire):
    """A frame: scans of one station, oldest first."""

    station: Id
    source: Id
    boot: Id | None = None
    seq: Annotated[int, Field(ge=0, le=2**63 - 1)]
    sent_at: DeviceTimeMs
    nature: Nature = "real"
    scans: Annotated[list[Scan], Field(min_length=1, max_length=1_000)]


class Inspection(Wire):
    """A finding of a person or a camera at a station: a class I to IV, or none.

    ``kind``: ``cctv``, ``patrol`` ... ``point``: the inspected point that the class is of.
    """

    station: Id
    inspection_id: Id
    kind: Id
    point: Id | None = None
    at: TimeMs
    inspector: Id
    grade: Literal["I", "II", "III", "IV"] | None = None
    defect: Id | None = None
    note: Text = ""
    nature: Nature = "real"


class Report(Wire):
    """A citizen's report to 12345 about a place."""

    station: Id
    report_id: Id
    at: TimeMs
    category: Id
    text: Text
    nature: Nature = "real"


class CommandName(StrEnum):
    """The commands that a person may give."""

    ACK = "ack"
    COMMENT = "comment"


class Command(Wire):
    """A signed act of a person. The signature covers all other fields (``signing_bytes``)."""

    id: Id
    station: Id
    name: CommandName
    target: Id
    """The alert id."""
    seen_seq: Annotated[int, Field(ge=0)]
    """``seq`` of the alert that the person was looking at."""
    actor: Id
    signer: Id
    key_id: Id
    issued: TimeMs
    expires: TimeMs
    body: dict[str, Text] = Field(default_factory=dict)
    signature: Annotated[str, Field(max_length=128)]


class Tick(Wire):
    """Time passes on this partition. Under ``clock=log`` the instant is the header ``ce_time``."""


class PlanEvent(Wire):
    """From here on this partition is judged by another plan. Signed by the publisher."""

    id: Id
    plan: Sha256
    actor: Id
    signer: Id
    key_id: Id
    issued: TimeMs
    expires: TimeMs
    epoch: Epoch | None = None
    """The log that it is signed for. Release 0.1 wrote neither this nor a number."""
    number: Annotated[int, Field(ge=1, le=MAX_INT64)] | None = None
    """Larger than that of any plan event of the publisher before."""
    signature: Annotated[str, Field(max_length=128)]


class Derived(Wire):
    """A member's contribution to a virtual station (DESIGN 3.6)."""

    station: Id
    member: Id
    at: TimeMs
    facts: dict[Id, float | None]
    hmac: Annotated[str, Field(max_length=128)]


class Context(Wire):
    """Another station's state, as far as it concerns this one (DESIGN 3.6)."""

    station: Id
    origin: Id
    at: TimeMs
    facts: dict[Id, float | bool | None]
    hmac: Annotated[str, Field(max_length=128)]


class Genesis(Wire):
    """First record of each partition: names the log."""

    epoch: Epoch
    namespace: Id
    clock: Literal["wall", "log"]


Event = Telemetry | Inspection | Report | Command | Tick | PlanEvent | Derived | Context | Genesis
EVENT_MODELS: dict[EventKind, type[Wire]] = {
    EventKind.GENESIS: Genesis,
    EventKind.TELEMETRY: Telemetry,
    EventKind.INSPECTION: Inspection,
    EventKind.REPORT: Report,
    EventKind.COMMAND: Command,
    EventKind.TICK: Tick,
    EventKind.PLAN: PlanEvent,
    EventKind.DERIVED: Derived,
    EventKind.CONTEXT: Context,
}
CONTROL_KINDS = frozenset({EventKind.GENESIS, EventKind.TICK, EventKind.PLAN})
"""Kinds whose key is the partition's control key instead of a station."""


def signing_bytes(event: Command | PlanEvent) -> bytes:
    """Return what a signature covers: sorted-key JSON of the kind and of all fields but the signature.

    A field that is not given is not covered, so that adding one voids no signature. The cryptography itself
    lives in ``services.runtime.signing``.
    """
    kind = EventKind.COMMAND if isinstance(event, Command) else EventKind.PLAN
    payload: dict[str, Any] = {
        "kind": kind.value,
        **event.model_dump(mode="json", exclude={"signature"}, exclude_none=True),
    }
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
