"""The supervisors' Grafana dashboard is made of the console's SQL files, and of nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "deploy" / "grafana"
STATEMENTS = {
    file.stem: file.read_text("utf-8")
    for file in (ROOT / "services" / "console" / "sql").glob("overview_*.sql")
}


def test_the_committed_dashboard_is_current(tmp_path: Path) -> None:
    """``make generated`` writes what is committed."""
    made = tmp_path / "city.json"
    subprocess.run([sys.executable, GRAFANA / "city_board.py", "--out", made], check=True, timeout=60)
    assert made.read_bytes() == (GRAFANA / "dashboards" / "city.json").read_bytes()


def test_every_list_of_the_overview_has_one_panel() -> None:
    """Side by side or below each other, none on top of another, each asking the one database."""
    board = json.loads((GRAFANA / "dashboards" / "city.json").read_text("utf-8"))
    queries = [panel["targets"][0]["rawSql"] for panel in board["panels"]]
    assert sorted(queries) == sorted(STATEMENTS.values())
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in board["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    assert {panel["datasource"]["uid"] for panel in board["panels"]} == {"miyun-timescaledb"}


def test_no_statement_asks_the_machines_clock() -> None:
    """The city's date is not the machine's; and nothing in a statement is a macro or an argument."""
    for name, sql in STATEMENTS.items():
        code = re.sub(r"--.*", "", sql).lower()
        assert not re.search(r"\bnow\(|current_|clock_timestamp|localtime|statement_timestamp|\$", code), name
