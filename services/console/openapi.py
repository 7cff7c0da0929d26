"""``python -m services.console.openapi`` writes what the console says and takes, for the page's types."""

import json
from pathlib import Path

from services.console.app import interface

FILE = Path(__file__).parent / "web" / "openapi.json"


def document() -> str:
    """The OpenAPI document."""
    return json.dumps(interface().openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
    print(f"written: {FILE}")
