"""YAML as people would write it: one field a line, words side by side in braces."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from words import Words

PLAIN = re.compile(r"^[A-Za-z一-鿿][^:#,\[\]{}\"'&*!|>%@`=]*(?<! )$|^\d+号[^:#,\[\]{}\"'&*!|>%@`=]*$")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
WIDTH = 108


def scalar(value: Any) -> str:
    """A value as it stands in a flow mapping; text in quotes where YAML would read something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, date)):
        return str(value)
    if PLAIN.match(value) and value.lower() not in WORDS:
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Words):
        return f"{{zh: {scalar(value.zh)}, en: {scalar(value.en)}}}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def entry(fields: Mapping[str, Any]) -> Iterable[str]:
    """A list item with a field a line; a mapping of mappings has a line for each of its keys."""
    lead = "  - "
    for key, value in fields.items():
        if isinstance(value, Mapping):
            yield f"{lead}{key}:"
            yield from (line for code, item in value.items() for line in _nested(code, item))
        else:
            yield f"{lead}{key}: {value if key in ('lat', 'lon') else flow(value)}"
        lead = "    "


def _nested(code: str, item: Mapping[str, Any]) -> Iterable[str]:
    line = f"      {code}: {flow(item)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"      {code}:"
    for key, value in item.items():
        if isinstance(value, list):
            yield f"        {key}:"
            for part in value:
                head = "          - "
                for name, inner in part.items():
                    yield f"{head}{name}: {flow(inner)}"
                    head = "            "
        else:
            yield f"        {key}: {flow(value)}"


def folded(prefix: str, items: Iterable[str], suffix: str) -> Iterable[str]:
    """A flow list of words over as many lines as it needs."""
    line = prefix
    words = list(items)
    for index, word in enumerate(words):
        piece = word + (suffix if index == len(words) - 1 else ",")
        if len(line) + len(piece) > WIDTH:
            yield line.rstrip()
            line = "     "
        line += piece if line.endswith(("[", "     ")) else " " + piece
    yield line
