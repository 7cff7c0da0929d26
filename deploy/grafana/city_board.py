"""Writes ``dashboards/city.json``: the supervisors' Grafana dashboard, made of the console's SQL files.

Run by ``make generated``; a test keeps the file current. The page ``/overview`` and this dashboard ask the
database the same questions, so they cannot tell different numbers. The dashboard's time range has no meaning
and is hidden: the city's clock need not be Grafana's, and the statements read it from ``city_clock``.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
BOARD = HERE / "dashboards" / "city.json"
STATEMENTS = HERE.parent.parent / "services" / "console" / "sql"
DATABASE = {"type": "grafana-postgresql-datasource", "uid": "miyun-timescaledb"}
CITY = HERE.parent / "miyun" / "district.yaml"
REFRESH = "10s"
SEVERITIES = {
    "critical": ("危急 critical", "#d3222f"),
    "major": ("严重 major", "#e8731a"),
    "warn": ("警告 warn", "#d9b300"),
    "notice": ("提示 notice", "#2f7fd1"),
}
NAMES = {
    "code": "代码 code",
    "name_zh": "名称",
    "name_en": "name",
    "severity": "级别 severity",
    "open": "未关闭 open",
    "unacknowledged": "未确认 unacknowledged",
    "longest_wait_s": "最久未确认 longest wait",
    "raised": "发生 raised",
    "escalated": "升级 escalated",
    "acknowledged": "确认 acknowledged",
    "closed": "关闭 closed",
    "median_s": "中位 median",
    "p90_s": "90% 以内 90th percentile",
    "stations": "站点 stations",
    "silent": "失联 silent",
    "expected": "应有测点 points expected",
    "seen": "按时收到 seen in time",
    "percent": "覆盖率 coverage",
    "at": "城市时间 city time",
    "day_began_at": "今日零点 midnight",
    "partitions": "分区 partitions",
    "until": "已判定至 judged up to",
    "waiting": "待判定记录 records waiting",
    "behind_s": "落后 behind",
    "said_at": "最近一次报告 last said",
}
SECONDS = ("longest_wait_s", "median_s", "p90_s", "behind_s")
TIMES = {
    "at": "dateTimeAsIso",
    "day_began_at": "dateTimeAsIso",
    "until": "dateTimeAsIso",
    "said_at": "dateTimeFromNow",
}
"""Units of times. What was said of judging is real time: "seconds ago" by the clock of whoever looks."""


TITLES = {
    "clock": "城市时间 · City time, as far as it is stored",
    "severities": "未关闭告警：按级别 · Open alerts by severity",
    "hours": "最近 24 小时每小时发生的告警 · Alerts raised in each of the last 24 hours",
    "systems": "未关闭告警：按系统 · Open alerts by system",
    "coverage": "数据覆盖 · Coverage",
    "towns": "未关闭告警：按镇街 · Open alerts by town",
    "acknowledgement": "确认用时（最近 24 小时发生的告警） · Time to acknowledge (raised in the last 24 h)",
    "day": "今日（城市时间零点起） · Today (since the city's midnight)",
    "judged": "判定进度（16 个分区，每 5 秒报告） · Judged so far (16 partitions, told every 5 s)",
}
"""Of each panel, by the statement that it shows: ``sql/overview_<statement>.sql``."""
PLACES = {
    "clock": (0, 0, 6, 5),
    "severities": (6, 0, 18, 5),
    "hours": (0, 5, 24, 7),
    "systems": (0, 12, 12, 8),
    "coverage": (0, 20, 12, 8),
    "towns": (12, 12, 12, 16),
    "acknowledgement": (0, 28, 12, 6),
    "day": (12, 28, 12, 6),
    "judged": (0, 34, 24, 4),
}
"""x, y, width, height; 24 to a row."""
KINDS = {"clock": "stat", "hours": "barchart"}
"""The others are tables."""
OPTIONS = {
    "clock": {
        "reduceOptions": {"values": True, "calcs": [], "fields": "/^at$/"},
        "textMode": "value",
    },
    "hours": {
        "xField": "hour",
        "stacking": "normal",
        "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom"},
    },
}
CUSTOM = {"hours": {"fillOpacity": 90, "lineWidth": 0}}


def board() -> str:
    """The dashboard's file."""
    model = {
        "uid": "miyun-city",
        "title": "密云城市运行概览 · Miyun overview",
        "tags": ["miyun"],
        "timezone": yaml.safe_load(CITY.read_text(encoding="utf-8"))["time_zone"],
        "refresh": REFRESH,
        "schemaVersion": 39,
        "editable": False,
        "timepicker": {"hidden": True},
        "time": {"from": "now-24h", "to": "now"},
        "panels": [_panel(number, statement) for number, statement in enumerate(TITLES, start=1)],
    }
    return json.dumps(model, ensure_ascii=False, indent=2) + "\n"


def _panel(number: int, statement: str) -> dict[str, Any]:
    sql = (STATEMENTS / f"overview_{statement}.sql").read_text(encoding="utf-8")
    return {
        "id": number,
        "title": TITLES[statement],
        "type": KINDS.get(statement, "table"),
        "datasource": DATABASE,
        "gridPos": dict(zip("xywh", PLACES[statement], strict=True)),
        "targets": [
            {
                "refId": "A",
                "datasource": DATABASE,
                "editorMode": "code",
                "format": "table",
                "rawQuery": True,
                "rawSql": sql,
            }
        ],
        "options": OPTIONS.get(statement, {}),
        "fieldConfig": {"defaults": {"custom": CUSTOM.get(statement, {})}, "overrides": _overrides(sql)},
    }


def _overrides(sql: str) -> list[dict[str, Any]]:
    """Title, unit and colour of each column that the statement names."""
    named = {name: [("displayName", title)] for name, title in NAMES.items()}
    for name in SECONDS:
        named[name].append(("unit", "s"))
    named["percent"].append(("unit", "percent"))
    for name, unit in TIMES.items():
        named[name].append(("unit", unit))
    properties = {name: [{"id": id_, "value": value} for id_, value in of] for name, of in named.items()}
    for name, (title, colour) in SEVERITIES.items():
        properties[name] = [
            {"id": "displayName", "value": title},
            {"id": "color", "value": {"mode": "fixed", "fixedColor": colour}},
        ]
    return [
        {"matcher": {"id": "byName", "options": name}, "properties": of}
        for name, of in properties.items()
        if re.search(rf"\b{name}\b", sql)
    ]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Write the supervisors' Grafana dashboard.")
    options.add_argument("--out", type=Path, default=BOARD, help="the file to write [dashboards/city.json]")
    options.parse_args().out.write_text(board(), encoding="utf-8")
