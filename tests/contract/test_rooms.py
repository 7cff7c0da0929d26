"""A folder of the product is a room that is seen at a glance: it holds about fifteen files, not more."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("schemas", "services", "simulators", "tools")
MOST = 15
"""Files of a folder, without ``__init__.py``, which holds nothing but a sentence."""
NOT_OURS = {"__pycache__", "node_modules", "dist"}
"""Folders that are made by programs."""
LARGER = {
    "schemas/json": "generated: a file for each message",
    "services/console/web/src": "one component a file",
}
"""Folders that may hold more, and why."""
GROWS = "services/recorder/migrations"
"""May hold any number: a released migration is never taken away."""


def sizes() -> Counter[str]:
    """How many files each folder of the product holds."""
    files = [
        path.relative_to(ROOT)
        for name in PRODUCT
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.name != "__init__.py"
    ]
    return Counter(file.parent.as_posix() for file in files if not NOT_OURS.intersection(file.parts))


def test_no_folder_holds_more_than_fifteen_files() -> None:
    """Apart from those that are named above."""
    found = {folder: count for folder, count in sizes().items() if count > MOST}
    assert {folder: count for folder, count in found.items() if folder not in {*LARGER, GROWS}} == {}


def test_every_exception_is_one() -> None:
    """A folder that has become small is struck off the list, so that it stays small."""
    counted = sizes()
    assert [folder for folder in LARGER if counted[folder] <= MOST] == []
