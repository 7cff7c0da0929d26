"""``python -m schemas`` writes the generated JSON Schemas to ``schemas/json``."""

from pathlib import Path

from schemas.jsonschema import documents

FOLDER = Path(__file__).parent / "json"

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.schema.json"):
        old.unlink()
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(documents())} schemas written to {FOLDER}")
