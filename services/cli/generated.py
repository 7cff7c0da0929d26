"""Pages of docs/ that are made from the code: ``make generated`` writes them, a test keeps them current."""

from collections.abc import Iterator, Mapping
from inspect import getdoc, getsource
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import yaml

from services.rules.lifecycle.transitions import TABLE
from services.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WORDS = ROOT / "schemas" / "words.yaml"
Term = Mapping[str, Any]
"""An entry of ``words.yaml``."""


def documents() -> dict[str, str]:
    """File name below docs/ -> text."""
    return {"settings.md": _settings(), "alert-states.md": _states(), "glossary.md": _glossary()}


def words_of_the_trade() -> dict[str, dict[str, Any]]:
    """``words.yaml`` as it is: group -> its Chinese name ``zh`` and its ``terms``."""
    groups: dict[str, dict[str, Any]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return groups


def english(term: Term) -> str:
    """Its meaning: its own words, or else the first paragraph of its type's docstring.

    Raises:
        ImportError, AttributeError: there is no such type.
    """
    said = getdoc(resolve_name(term["type"])) if "type" in term else None
    return str(term["means"].get("en") or " ".join((said or "").partition("\n\n")[0].split()))


def _settings() -> str:
    rows = "\n".join(
        f"| `MIYUN_{name.upper()}` | `{field.default}` | {words} |"
        for (name, field), words in zip(Settings.model_fields.items(), _meanings(), strict=True)
    )
    return (
        "# Settings\n\nRead once at the start of each process: from the environment, or else from "
        "`.local/miyun.env`, which `make up` writes (`MIYUN_ENV_FILE` names another file). "
        "A wrong one ends the process with a line that names it. "
        "`miyun env` prints those in force.\n\n"
        f"| variable | default | meaning |\n|---|---|---|\n{rows}\n"
    )


def _meanings() -> Iterator[str]:
    """The docstring below each field, in the order of the fields; empty where there is none."""
    lines = [line.strip() for line in getsource(Settings).splitlines()]
    fields = [f"{name}:" for name in Settings.model_fields]
    starts = [next(n for n, line in enumerate(lines) if line.startswith(field)) for field in fields]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        block = " ".join(lines[start + 1 : end])
        yield block.split('"""')[1].strip() if '"""' in block else ""


def _states() -> str:
    arrows = "\n".join(
        f"    {origin.value} --> {move.state.value}: {happening.value.replace('_', ' ')}"
        + (" (asks for attention)" if move.annunciate else "")
        for (origin, happening), move in TABLE.items()
    )
    names = "\n".join(
        f"    {state.value}: {state.value} {state.name.replace('_', ' ').lower()}"
        for state in sorted({state for state, _ in TABLE})
    )
    return (
        "# The life of an alert\n\n"
        "Drawn from the table in `services/rules/lifecycle/transitions.py`, the only place where an alert's "
        "state is decided. The letters are those of ISA-18.2; a suppression shows E, F or G over any of them."
        f"\n\n```mermaid\nstateDiagram-v2\n{names}\n    [*] --> A\n{arrows}\n```\n"
    )


def _glossary() -> str:
    tables = "\n".join(
        f"## {name.capitalize()} {group['zh']}\n\n"
        "| 中文 | English | meaning 含义 | in the code | instead of |\n|---|---|---|---|---|\n"
        + "".join(map(_term, group["terms"]))
        for name, group in words_of_the_trade().items()
    )
    return (
        "# Glossary 术语表\n\nOne word for a thing, one thing for a word: on screens, in messages, in the "
        "code and in these pages. Made of `schemas/words.yaml` and of the types that it names.\n\n"
        "界面、消息、代码和文档中，一物一词，一词一义。\n\n" + tables
    )


def _term(term: Term) -> str:
    instead, type_ = ", ".join(term.get("instead_of", [])), f"`{term['type']}`" if "type" in term else ""
    cells = (term["zh"], term["en"], f"{english(term)}<br>{term['means']['zh']}", type_, instead)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


if __name__ == "__main__":
    for name, text in documents().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"written: {DOCS / name}")
