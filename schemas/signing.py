"""What a signature covers. The cryptography itself lives in ``services.runtime.signing``."""

import json
from typing import Any

from schemas.events import Command, EventKind, PlanEvent


def signing_bytes(event: Command | PlanEvent) -> bytes:
    """Sorted-key JSON of the kind and of every field but the signature."""
    kind = EventKind.COMMAND if isinstance(event, Command) else EventKind.PLAN
    payload: dict[str, Any] = {
        "kind": kind.value,
        **event.model_dump(mode="json", exclude={"signature"}),
    }
    return json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
