"""JSON Schema of every message, generated from the models; the files in ``schemas/json`` show it."""

import json
from typing import Any

from pydantic import TypeAdapter

from schemas.aggregates import STATION_MINUTE
from schemas.alerts import ALERT, CENSUS
from schemas.events import EVENT_MODELS
from schemas.outcomes import OUTCOME_ADAPTERS
from schemas.plan import PLAN


def documents() -> dict[str, str]:
    """File name -> JSON Schema text, for all events, outputs and the compiled plan."""
    adapters: dict[str, TypeAdapter[Any]] = {
        **{f"events.{kind}": TypeAdapter(model) for kind, model in EVENT_MODELS.items()},
        **{f"outcomes.{kind}": adapter for kind, adapter in OUTCOME_ADAPTERS.items()},
        "alerts.alert": ALERT,
        "alerts.census": CENSUS,
        "aggregates.aggregate": STATION_MINUTE,
        "plans.plan": PLAN,
    }
    return {f"{name}.schema.json": _text(name, adapter) for name, adapter in adapters.items()}


def _text(name: str, adapter: TypeAdapter[Any]) -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:miyun:{name}",
        **adapter.json_schema(),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
