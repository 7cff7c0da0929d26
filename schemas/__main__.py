"""``python -m schemas`` writes the JSON Schema of every message, made of the models, to ``schemas/json``."""

import json
from pathlib import Path
from typing import Any

import msgspec
from pydantic import TypeAdapter

from schemas.aggregates import StationMinute
from schemas.alerts import Alert, Census, CensusPart, Judged
from schemas.events import EVENT_MODELS
from schemas.outcomes import OUTCOME_KINDS
from schemas.plan import PLAN

FOLDER = Path(__file__).parent / "json"


def documents() -> dict[str, str]:
    """File name -> JSON Schema text, for all events, outputs and the compiled plan."""
    outputs: dict[str, type[Any]] = {
        **{f"outcomes.{kind}": model for model, kind in OUTCOME_KINDS.items()},
        "alerts.alert": Alert,
        "alerts.census": Census,
        "alerts.census_part": CensusPart,
        "alerts.judged": Judged,
        "aggregates.aggregate": StationMinute,
    }
    schemas = {
        **{f"events.{kind}": TypeAdapter(model).json_schema() for kind, model in EVENT_MODELS.items()},
        **{name: msgspec.json.schema(model) for name, model in outputs.items()},
        "plans.plan": PLAN.json_schema(),
    }
    return {f"{name}.schema.json": _text(name, schema) for name, schema in schemas.items()}


def _text(name: str, schema: dict[str, Any]) -> str:
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:miyun:{name}",
        **schema,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.schema.json"):
        old.unlink()
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(documents())} schemas written to {FOLDER}")
