"""Pages of docs/ that are made from the code: ``make generated`` writes them, a test keeps them current."""

from collections.abc import Iterator
from inspect import getsource
from pathlib import Path

from services.rules.transitions import TABLE
from services.runtime.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def documents() -> dict[str, str]:
    """File name below docs/ -> text."""
    return {"settings.md": _settings(), "alert-states.md": _states()}


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
        "# The life of an alert\n\nDrawn from the table in `services/rules/transitions.py`, the only place "
        "where an alert's state is decided. The letters are those of ISA-18.2; a suppression shows E, F or G "
        f"over any of them.\n\n```mermaid\nstateDiagram-v2\n{names}\n    [*] --> A\n{arrows}\n```\n"
    )


if __name__ == "__main__":
    for name, text in documents().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"written: {DOCS / name}")
