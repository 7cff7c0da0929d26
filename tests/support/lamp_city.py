"""The small city with a lighting cabinet and rules of every kind, as texts of its files."""

from pathlib import Path

from support.small_city import FILES, write_city

LAMP_TYPES, LAMP_RULES, LAMPS = "station_types.yaml", "rules/lighting.yaml", "stations/lighting.yaml"
CALENDARS = "calendars.yaml"

LAMP_FILES = {
    "systems.yaml": FILES["systems.yaml"] + "  - {id: lighting, name: {zh: 照明, en: lighting}}\n",
    "roads.yaml": """\
roads:
  - {id: gulou-street, name: {zh: 鼓楼大街, en: Gulou Street}, rank: arterial}
""",
    LAMP_TYPES: FILES[LAMP_TYPES]
    + """\
  - type: light_cabinet
    system: lighting
    points:
      - code: current_a
        name: {zh: 电流, en: current}
        unit: A
        range: [0, 100]
        every_s: 300
        reference: 20
        schedule:
          - {calendar: lamps, phases: [evening, morning], share: 1.0}
          - {calendar: lamps, phases: [late], share: 0.5}
      - code: circuit_1
        name: {zh: 1号回路, en: circuit 1}
        range: [0, 1]
        every_s: 3600
        mode: on_change
        states: {0: {zh: 断开, en: dark}, 1: {zh: 接通, en: lit}}
      - code: circuit_2
        name: {zh: 2号回路, en: circuit 2}
        range: [0, 1]
        every_s: 3600
        mode: on_change
        states: {0: {zh: 断开, en: dark}, 1: {zh: 接通, en: lit}}
      - code: dark_pct
        name: {zh: 应亮未亮, en: dark}
        unit: '%'
        range: [0, 100]
        every_s: 3600
        mode: on_change
        share:
          points: [circuit_1, circuit_2]
          state: 0
          expected: {circuit_2: {calendar: lamps, phases: [evening]}}
      - code: lost_kw
        name: {zh: 损耗, en: loss}
        unit: kW
        range: [0, 10]
        every_s: 60
      - code: power_kw
        name: {zh: 功率, en: power}
        unit: kW
        range: [0, 50]
        every_s: 60
      - code: lost_pct
        name: {zh: 损耗率, en: share lost}
        unit: '%'
        range: [0, 100]
        every_s: 60
        ratio: {part: lost_kw, whole: power_kw}
      - code: door
        name: {zh: 箱门, en: door}
        range: [0, 2]
        every_s: 3600
        mode: on_change
        life_safety: true
        states: {0: {zh: 关闭, en: closed}, 1: {zh: 虚掩, en: ajar}, 2: {zh: 打开, en: open}}
      - code: mast_class
        name: {zh: 灯杆等级, en: class of the mast}
        range: [0, 5]
        every_s: 86400
        mode: inspected
""",
    CALENDARS: FILES[CALENDARS]
    + """\
  - calendar: lamps
    source: the sun
    daily:
      first: 2025-12-01
      last: 2026-07-31
      lat: 40.37
      lon: 116.83
      phases:
        - {phase: evening, start: sunset, end: '23:30'}
        - {phase: late, start: '23:30', end: '05:00', latest: sunrise}
        - {phase: morning, start: '05:00', end: sunrise}
        - {phase: day, start: sunrise+15, end: sunset-15}
""",
    LAMPS: """\
stations:
  - id: light-1
    type: light_cabinet
    town: '110118001000'
    owner: gas-operator
    name: {zh: 1号箱, en: cabinet 1}
    lat: 40.37
    lon: 116.83
    address: {zh: 鼓楼大街1号, en: 1 Gulou Street}
    duty_phone: 010 1234
    protection_zone: true
    traits: [carriageway]
    road: gulou-street
    serves_people: 40
    points:
      lost_kw: {calibration_due: 2026-01-31}
      door:
        overrides:
          - {rule: light.door, levels: {warn: {on: {s: 7200}}}, reason: works, approver: li}
  - id: light-2
    type: light_cabinet
    town: '110118001000'
    owner: gas-operator
    name: {zh: 2号箱, en: cabinet 2}
    lat: 40.38
    lon: 116.83
""",
    LAMP_RULES: """\
rules:
  - id: light.current
    title: {zh: 电流, en: current}
    guidance: {zh: 巡查, en: patrol}
    kind: band
    measure: percent_from_schedule
    points: [current_a]
    unit: '%'
    levels: {warn: {low: -30, high: 30}}
    source: judgement
    source_status: judgement
  - id: light.dark
    title: {zh: 灭灯, en: dark}
    guidance: {zh: 巡查, en: patrol}
    kind: high
    points: [dark_pct]
    unit: '%'
    levels: {warn: {limit: 30}, major: {limit: 100}}
    source: judgement
    source_status: judgement
  - id: light.door
    title: {zh: 箱门, en: door}
    guidance: {zh: 关门, en: shut it}
    kind: state
    points: [door]
    unit: ''
    levels: {warn: {state: 2, on: {s: 30}}}
    variants:
      - {traits: [carriageway], levels: {critical: {state: 2}}}
    source: judgement
    source_status: judgement
  - id: light.circuit
    title: {zh: 回路, en: circuit}
    guidance: {zh: 巡查, en: patrol}
    kind: state
    points: [circuit_1]
    unit: ''
    levels: {notice: {state: 0}}
    source: judgement
    source_status: judgement
  - id: light.surge
    title: {zh: 功率突降, en: power falls}
    guidance: {zh: 巡查, en: patrol}
    kind: rate
    points: [power_kw]
    unit: W/min
    rate: {direction: drop, window_s: 120, per_s: 60, factor: 1000}
    levels: {warn: {limit: 500}}
    source: judgement
    source_status: judgement
  - id: light.lost
    title: {zh: 损耗率, en: share lost}
    guidance: {zh: 巡查, en: patrol}
    kind: high
    points: [lost_pct]
    unit: '%'
    mean_s: 3600
    levels: {warn: {limit: 5}}
    source: judgement
    source_status: judgement
  - id: any.no_data
    title: {zh: 无数据, en: silent}
    guidance: {zh: 检查, en: check}
    kind: no_data
    every_point: true
    unit: intervals
    levels: {notice: {limit: 3}}
    variants:
      - {life_safety: true, levels: {warn: {limit: 3}}}
    source: judgement
    source_status: judgement
  - id: any.quality
    title: {zh: 数据异常, en: bad data}
    guidance: {zh: 检查, en: check}
    kind: quality
    every_point: true
    unit: scans
    levels: {notice: {limit: 5}}
    source: judgement
    source_status: judgement
  - id: any.calibration
    title: {zh: 校准逾期, en: calibration overdue}
    guidance: {zh: 校准, en: calibrate}
    kind: quality
    measure: days_past_calibration
    every_point: true
    unit: d
    levels: {notice: {limit: 0}, warn: {limit: 30}}
    source: judgement
    source_status: judgement
  - id: mast.class
    title: {zh: 灯杆, en: mast}
    guidance: {zh: 更换, en: replace}
    kind: grade
    points: [mast_class]
    unit: class
    worst_defects: [PL, BX]
    levels: {notice: {limit: 2}, warn: {limit: 3}, major: {limit: 4}, critical: {limit: 5}}
    source: judgement
    source_status: judgement
""",
}


def write_lamp_city(folder: Path, **changed: str) -> Path:
    """Write the city into ``folder``; ``changed`` has other texts by file name."""
    return write_city(folder, **{**LAMP_FILES, **changed})


def lamps_swapped(file: str, old: str, new: str) -> dict[str, str]:
    """One file with a piece of text replaced, which stands in it once."""
    assert LAMP_FILES[file].count(old) == 1, LAMP_FILES[file].count(old)
    return {file: LAMP_FILES[file].replace(old, new)}


def rule_swapped(rule_id: str, old: str, new: str) -> dict[str, str]:
    """The lighting rules with a piece of one rule's text replaced."""
    before, mark, rest = LAMP_FILES[LAMP_RULES].partition(f"  - id: {rule_id}\n")
    text, following, after = rest.partition("  - id: ")
    assert mark, rule_id
    assert text.count(old) == 1, text
    return {LAMP_RULES: before + mark + text.replace(old, new) + following + after}
