"""A system that no code knows comes to the city as data: checked, tried, judged, stored, shown by name."""

import os
from pathlib import Path

import pytest
from support.namespaces import new_namespace
from support.programs import miyun
from support.sanitation_pack import write_city_with_sanitation

LEVELS = "timestamp,value\n" + "".join(
    f"2026-01-13 {11 + n // 12:02}:{n % 12 * 5:02}:00,{value}\n"
    for n, value in enumerate([1.2, 2.6, 2.7, 3.1, 3.2, 1.0, 1.0, 1.0])
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped city with transfer stations and a landfill."""
    return write_city_with_sanitation(tmp_path_factory.mktemp("sanitation") / "city")


@pytest.fixture(scope="module")
def namespace(city: Path) -> str:
    """Where a full leachate tank was replayed, judged and stored."""
    name = new_namespace()
    levels = city.parent / "levels.csv"
    levels.write_text(LEVELS)
    place = ["--station", "transfer-1", "--point", "leachate_level_m", "--unit", "m"]
    said = _miyun("replay-csv", str(levels), *place, "--city", str(city), "--namespace", name)
    assert "rows: read 8, sent 8, dropped 0" in said
    return name


def _miyun(*arguments: str) -> str:
    done = miyun(*arguments, environment={**os.environ, "MIYUN_CLOCK": "log"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_assets_and_rules_are_checked_and_tried(city: Path) -> None:
    """As those of any other."""
    for lang, name in (("en", "Sanitation"), ("zh", "环卫")):
        assert name in _miyun("assets", "check", "--city", str(city), "--lang", lang)
    for rule in ("sanitation.leachate_level", "sanitation.landfill_ch4"):
        assert "1 histories of 1 rule: ok" in _miyun("rules", "test", rule, "--city", str(city))


@pytest.mark.parametrize("asked", ["sanitation", "环卫", "Sanitation"])
def test_its_alert_is_found_by_its_id_and_by_its_names(namespace: str, asked: str) -> None:
    """At its highest level, once; the landfill, of which the recording says nothing, is told as silent."""
    listed = _miyun("alerts", "list", "--all", "--system", asked, "--namespace", namespace)
    assert listed.count("城区垃圾转运站 渗滤液液位 3.2 m≥3,连续2次") == 1
    assert "填埋场 甲烷 已" in listed


def test_another_systems_alerts_do_not_hold_it(namespace: str) -> None:
    """The filter filters."""
    listed = _miyun("alerts", "list", "--all", "--system", "燃气", "--namespace", namespace)
    assert "渗滤液" not in listed


@pytest.mark.parametrize(("lang", "name"), [("zh", "环卫"), ("en", "Sanitation")])
def test_coverage_calls_it_by_its_name(namespace: str, lang: str, name: str) -> None:
    """After the systems that the file names before it."""
    page = _miyun("coverage", "--by", "system", "--lang", lang, "--namespace", namespace)
    lines = [line.split()[0] for line in page.splitlines() if line.strip()]
    weather = {"zh": "气象", "en": "Weather"}[lang]
    assert lines.index(name) == lines.index(weather) + 1
