"""A system that no code knows: what a city adds to its files to watch transfer stations and a landfill."""

import shutil
from pathlib import Path

CITY = Path(__file__).parents[2] / "deploy" / "miyun"

ADDED = {
    "systems.yaml": "  - {id: sanitation, name: {zh: 环卫, en: Sanitation}}\n",
    "organisations.yaml": """\
  - {id: sanitation-centre, name: {zh: 环卫服务中心, en: Sanitation service centre}}
""",
    "station_types.yaml": """
  - type: transfer_station
    system: sanitation
    points:
      - {code: leachate_level_m, name: {zh: 渗滤液液位, en: leachate level},
         unit: m, range: [0, 5], every_s: 300}
  - type: landfill
    system: sanitation
    points:
      - {code: ch4_pct_lel, name: {zh: 甲烷, en: methane},
         unit: "%LEL", range: [0, 100], every_s: 60, life_safety: true}
""",
    "rules/sanitation.yaml": """\
rules:
  - id: sanitation.leachate_level
    title: {zh: 渗滤液液位高, en: Leachate stands high}
    guidance:
      zh: 安排抽运,检查液位计。
      en: Have it pumped out; look at the gauge.
    kind: high
    points: [leachate_level_m]
    unit: m
    levels:
      warn: {limit: 2.5}
      major: {limit: 3}
    hysteresis: 0.2
    "on": {samples: 2}
    "off": {samples: 2}
    source: 工程判断 / engineering judgement
    source_status: judgement
  - id: sanitation.landfill_ch4
    title: {zh: 填埋场甲烷, en: Methane at a landfill}
    guidance:
      zh: 加强导排,禁止明火。
      en: Draw off more of it; no open flame.
    kind: high
    points: [ch4_pct_lel]
    stations: [landfill]
    unit: "%LEL"
    life_safety: true
    levels:
      warn: {limit: 10}
      critical: {limit: 25}
    hysteresis: 3
    "on": {samples: 2}
    "off": {s: 600}
    source: 工程判断 / engineering judgement
    source_status: judgement
""",
    "histories/sanitation.yaml": """\
histories:
  - rule: sanitation.leachate_level
    name: both levels come after two scans and go after two
    station: transfer_station
    point: leachate_level_m
    read: [1, 2.49, 2.5 x2, 3 x2, 2.9, 2.79 x2, 2.3, 2.29 x2]
    expect:
      - 15min raised warn
      - 25min escalated major
      - 40min deescalated warn
      - 55min cleared warn
  - rule: sanitation.landfill_ch4
    name: two scans beyond a limit
    station: landfill
    point: ch4_pct_lel
    read: [1, 10 x2, 25 x2]
    expect:
      - 2min raised warn
      - 4min escalated critical
""",
    "stations/sanitation.yaml": """\
stations:
  - id: transfer-1
    type: transfer_station
    town: "110118001000"
    owner: sanitation-centre
    name: {zh: 城区垃圾转运站, en: town transfer station}
    lat: 40.3768
    lon: 116.8342
  - id: landfill-1
    type: landfill
    town: "110118106000"
    owner: sanitation-centre
    name: {zh: 填埋场, en: landfill}
    lat: 40.3551
    lon: 116.9121
""",
}


def write_city_with_sanitation(folder: Path) -> Path:
    """The shipped city in ``folder``, and what is added to it: lines below files, and new files."""
    shutil.copytree(CITY, folder)
    for name, text in ADDED.items():
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
    return folder
