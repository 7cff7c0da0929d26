"""A complete city of one gas and one heating station, as texts of its files."""

from pathlib import Path

AT_MS = 1_768_300_800_000
"""2026-01-13, well inside the city's calendar."""

GAS, HEAT, TYPES = "rules/gas.yaml", "rules/heating.yaml", "station_types.yaml"

FILES = {
    "district.yaml": """\
code: '110118000000'
name: {zh: 密云区, en: Miyun}
time_zone: Asia/Shanghai
west: 116.6
south: 40.2
east: 117.6
north: 40.8
""",
    "towns.yaml": """\
towns:
  - {code: '110118001000', name: {zh: 鼓楼街道, en: Gulou}}
""",
    "systems.yaml": """\
systems:
  - {id: gas, name: {zh: 燃气, en: gas}}
  - {id: heating, name: {zh: 供热, en: heating}}
""",
    "organisations.yaml": """\
organisations:
  - {id: gas-operator, name: {zh: 燃气运营单位, en: Gas operator}}
""",
    "station_types.yaml": """\
station_types:
  - type: gas_chamber
    system: gas
    points:
      - code: ch4_pct_lel
        name: {zh: 甲烷, en: methane}
        unit: '%LEL'
        range: [0, 100]
        every_s: 60
        life_safety: true
      - code: outlet_pressure_kpa
        name: {zh: 出口压力, en: outlet pressure}
        unit: kPa
        range: [0, 10]
        every_s: 60
        reference: 2.4
  - type: heat_homes
    system: heating
    points:
      - code: room_01_c
        name: {zh: 室温1, en: room 1}
        unit: °C
        range: [-10, 50]
        every_s: 900
""",
    "calendars.yaml": """\
calendars:
  - calendar: heating
    source: Beijing's legal season
    phases:
      - {phase: 'off', start: 2025-07-01, end: 2025-11-07}
      - {phase: trial, start: 2025-11-07, end: 2025-11-15}
      - {phase: supply, start: 2025-11-15, end: 2026-03-16}
      - {phase: 'off', start: 2026-03-16, end: 2026-11-07}
""",
    "stations/gas.yaml": """\
stations:
  - id: gas-1
    type: gas_chamber
    town: '110118001000'
    owner: gas-operator
    name: {zh: 3号阀井, en: valve pit 3}
    lat: 40.37
    lon: 116.83
""",
    "stations/heating.yaml": """\
stations:
  - id: heat-1
    type: heat_homes
    town: '110118001000'
    owner: gas-operator
    name: {zh: 沙河小区, en: Shahe quarter}
    lat: 40.37
    lon: 116.83
""",
    "rules/gas.yaml": """\
rules:
  - id: gas.chamber_lel
    title: {zh: 阀井甲烷, en: methane in a valve pit}
    guidance: {zh: 疏散并通风, en: keep people away and ventilate}
    kind: high
    points: [ch4_pct_lel]
    unit: '%LEL'
    life_safety: true
    hysteresis: 3
    off: {s: 600}
    levels:
      warn: {limit: 10}
      major: {limit: 20, on: {samples: 2}}
      critical: {limit: 50}
    source: GB/T 50493-2019
    source_status: cited
""",
    "rules/heating.yaml": """\
rules:
  - id: heat.room_temperature
    title: {zh: 室温, en: room temperature}
    guidance: {zh: 联系用户, en: call the home}
    kind: low
    points: [room_01_c]
    unit: °C
    hysteresis: 0.3
    on: {s: 7200}
    off: {s: 3600}
    gate: {calendar: heating, phases: [supply], after_h: 48}
    levels:
      notice: {limit: 18}
      warn: {limit: 16}
    source: Beijing heating rules
    source_status: cited
""",
}


def write_city(folder: Path, **changed: str) -> Path:
    """Write the city into ``folder``; ``changed`` has other texts by file name (``rules/gas.yaml``)."""
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def swapped(file: str, old: str, new: str) -> dict[str, str]:
    """One file with a piece of text replaced."""
    assert old in FILES[file]
    return {file: FILES[file].replace(old, new)}


def band(level: str) -> dict[str, str]:
    """The room temperature as a band of one level."""
    text = FILES[HEAT].replace("kind: low", "kind: band").replace("      warn: {limit: 16}\n", "")
    return {HEAT: text.replace("notice: {limit: 18}", level)}


def own_point(changes: str, code: str = "ch4_pct_lel") -> dict[str, str]:
    """The gas station with a point of its own."""
    return {"stations/gas.yaml": FILES["stations/gas.yaml"] + f"    points:\n      {code}: {changes}\n"}


def overridden(fields: str) -> dict[str, str]:
    """The gas station with limits of its own, in line 12."""
    override = f"- {{{fields}, reason: biogas, approver: li}}"
    return own_point(f"\n        overrides:\n          {override}")
