"""``miyun rules lint`` and ``list`` as a person runs them; neither needs a server."""

import re
from pathlib import Path

import pytest
from support import programs
from support.lamp_city import rule_swapped, write_lamp_city
from support.small_city import GAS, swapped, write_city

CITY = Path(__file__).parents[3] / "deploy" / "miyun"


AWAY = programs.bare_environment(MIYUN_CLOCK="log", COLUMNS="80")
"""From the stack's settings."""


def miyun(*arguments: str) -> programs.Done:
    """Run it in this process."""
    return programs.miyun(*arguments, environment=AWAY)


@pytest.mark.parametrize("at", [(), ("--at", "2026-01-13T19:00:00+08:00")], ids=["default", "at"])
def test_the_shipped_city_is_well(at: tuple[str, ...]) -> None:
    """At the instant at which the demo city begins, by default and when it is named."""
    done = programs.miyun_process("rules", "lint", "--city", str(CITY), *at, environment=AWAY)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(rf"{CITY}: \d+ rules, \d+ stations, \d+ points: ok\n", done.stdout)


def test_every_mistake_is_printed_and_the_exit_code_is_one(tmp_path: Path) -> None:
    """File and line first, so that editors can follow."""
    folder = write_city(tmp_path, **swapped(GAS, "limit: 20", "limit: 5"), **{"notes.yaml": "a: 1\n"})
    done = miyun("rules", "lint", "--city", str(folder))
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert lines[0].startswith(f"{folder}/notes.yaml:1: no such file in a city")
    (folder / "notes.yaml").unlink()
    assert miyun("rules", "lint", "--city", str(folder)).stderr.splitlines() == [
        f"{folder}/rules/gas.yaml:13: levels.major.limit: 5 is not above warn (10): "
        "levels of a high rule rise"
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("lint", "--at", "tomorrow"), "2026-01-13T19:00:00+08:00"),
        (("lint", "--at", "2026-01-13T19:00:00"), "without an offset"),
        (("list", "--lang", "de"), "'zh', 'en'"),
    ],
)
def test_wrong_usage_is_exit_code_two(arguments: tuple[str, ...], says: str) -> None:
    """And says what would be right."""
    done = miyun("rules", *arguments, "--city", str(CITY))
    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    """One line, no traceback."""
    done = miyun("rules", "lint", "--city", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path}/nowhere is no folder; a city is a folder such as deploy/miyun\n"


@pytest.mark.parametrize(
    ("lang", "row"),
    [
        (
            "zh",
            "gas.chamber_lel 上限 LS ≥10 ≥20 ≥50 %LEL 警告 1x/10min 严重 2x/10min 危急 1x/10min"
            " 工程判断 燃气管线相邻井室甲烷浓度高",
        ),
        ("en", "heat.room_temperature low <18 <16 °C 2h/1h heating:supply+48h cited Home too cold"),
    ],
)
def test_rules_are_listed_one_a_line(lang: str, row: str) -> None:
    """Whatever the terminal's width: no limit is cut off or folded."""
    lines = miyun("rules", "list", "--city", str(CITY), "--lang", lang).stdout.splitlines()
    ids = [line.split()[0] for line in lines[1:] if not line.startswith(" ")]
    assert ids == sorted(set(ids))
    assert row in [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize(
    ("lang", "rows"),
    [
        (
            "zh",
            [
                "light.door 状态 打开 30s/1x 工程判断 箱门",
                "  carriageway 打开 打开 警告 30s/1x 危急 1x/1x",
                "light.circuit 状态 断开 1x/1x 工程判断 回路",
                "light.surge 变化率 ≥500 W/min 1x/1x 2min内下降 工程判断 功率突降",
                "light.dark 上限（考核） ≥30 ≥100 % 1x/1x 工程判断 灭灯",
                "light.lost 上限 ≥5 % 1x/1x 1h均值 工程判断 损耗率",
                "mast.class 检测等级 II III IV V class 1x/1x 工程判断 灯杆",
            ],
        ),
        (
            "en",
            [
                "light.door state open 30s/1x judgement door",
                "  carriageway open open warn 30s/1x critical 1x/1x",
                "light.surge rate ≥500 W/min 1x/1x drop in 2min judgement power falls",
                "light.dark high (assessment) ≥30 ≥100 % 1x/1x judgement dark",
                "light.lost high ≥5 % 1x/1x mean of 1h judgement share lost",
                "any.no_data no data ≥3 intervals 1x/1x judgement silent",
                "  LS ≥3 ≥3 intervals 1x/1x",
                "mast.class grade II III IV V class 1x/1x judgement mast",
            ],
        ),
    ],
)
def test_every_kind_is_listed_in_words(tmp_path: Path, lang: str, rows: list[str]) -> None:
    """States by their names, classes by their numerals, windows, and variants below their rule."""
    assessed = rule_swapped("light.dark", "kind: high", "kind: high\n    purpose: assessment")
    folder = write_lamp_city(tmp_path, **assessed)
    lines = miyun("rules", "list", "--city", str(folder), "--lang", lang).stdout.splitlines()
    shown = [("  " if line.startswith(" ") else "") + " ".join(line.split()) for line in lines]
    assert [row for row in rows if row not in shown] == []
