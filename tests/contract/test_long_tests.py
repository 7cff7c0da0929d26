"""The table of minutes in CONTRIBUTING.md: what takes minutes has some, and all together fit into an hour."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
AT_MOST = 60
ROW = re.compile(r"^\| (?P<what>[^|]+) \| (?P<minutes>\d+) \| (?P<files>[^|]+) \|$", re.MULTILINE)


def rows() -> list[re.Match[str]]:
    """A row for each long test, or for one that is to come."""
    _, _, table = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("| long test | minutes |")
    return list(ROW.finditer(table.partition("\n\n")[0]))


def test_all_long_tests_fit_into_their_time() -> None:
    """Those that are to come included."""
    minutes = [int(row["minutes"]) for row in rows()]
    assert len(minutes) >= 9
    assert sum(minutes) <= AT_MOST


def test_whatever_is_long_has_its_minutes() -> None:
    """Files with a test marked ``long`` are those that the table names."""
    marked = {
        path.name
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"^(pytestmark = .*|@)pytest\.mark\.long\b", path.read_text("utf-8"), re.MULTILINE)
    }
    named = {name for row in rows() for name in re.findall(r"`(test_\w+\.py)`", row["files"])}
    assert marked == named
