"""The shipped city is what its generator makes of the gazetteer."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from support.shipped_city import shipped_city

from schemas.city.files import City
from schemas.headers import time_ms
from services.plans.city.folder import load_city

ROOT = Path(__file__).parents[3]
CITY = ROOT / "deploy" / "miyun"
GAZETTEER = ROOT / "tools" / "city_generator" / "gazetteer.yaml"
AT_MS = time_ms("2026-01-13T19:00:00+08:00")
WRITTEN = "# Written by tools/city_generator"

COUNTS = {
    "water_plant": 2,
    "water_zone_meter": 24,
    "water_end_point": 60,
    "village_well": 40,
    "sewage_plant": 4,
    "sewer_pump_station": 16,
    "sewer_manhole": 90,
    "underpass": 8,
    "weather_station": 6,
    "gas_gate": 2,
    "gas_regulator": 24,
    "gas_chamber": 160,
    "cp_post": 30,
    "lpg_station": 6,
    "heat_source": 4,
    "heat_exchanger": 70,
    "heat_homes": 70,
    "light_cabinet": 110,
}
"""Stations of each type, as DOMAIN 12 has them."""
EXCHANGERS = {"heat_exchanger_floor", "heat_exchanger_radiator"}
"""DOMAIN's heat exchangers, which the city tells apart by what they heat."""


def generated(folder: Path, *, gazetteer: Path = GAZETTEER, seed: str = "0") -> dict[str, bytes]:
    """The files that the generator writes into a folder, by relative name. ``seed``: of Python's hashes."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.city_generator", "--gazetteer", gazetteer, "--out", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    """All YAML files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.yaml")}


@pytest.fixture(scope="module")
def city() -> City:
    """deploy/miyun."""
    return shipped_city()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_shipped_files_are_what_the_generator_writes(tmp_path: Path, seed: str) -> None:
    """Byte for byte, whatever Python's hash seed; and none that it no longer writes is left over."""
    shipped = {name: text for name, text in files(CITY).items() if text.startswith(WRITTEN.encode())}
    made = generated(tmp_path, seed=seed)
    assert sorted(made) == sorted(shipped)
    assert [name for name in made if made[name] != shipped[name]] == []


def test_another_gazetteer_makes_another_city(city: City, tmp_path: Path) -> None:
    """A well more in a village of Shicheng: one station more, and no other moves or is called otherwise."""
    gazetteer = tmp_path / "gazetteer.yaml"
    before, town, after = GAZETTEER.read_text(encoding="utf-8").partition("en: Shicheng Town\n")
    assert "village_well: 3" in after
    text = before + town + after.replace("village_well: 3", "village_well: 4", 1)
    gazetteer.write_text(text, encoding="utf-8")
    made = generated(tmp_path / "made", gazetteer=gazetteer)
    assert [name for name in made if made[name] != (CITY / name).read_bytes()] == ["stations/water.yaml"]
    shutil.copytree(CITY, tmp_path / "whole")
    (tmp_path / "whole/stations/water.yaml").write_bytes(made["stations/water.yaml"])
    found = {placed.item.id: placed.item for placed in load_city(tmp_path / "whole", at_ms=AT_MS).stations}
    shipped = {placed.item.id: placed.item for placed in city.stations}
    new = found.pop("water-110118116-0004")
    assert (new.type, found) == ("village_well", shipped)


def test_each_type_has_as_many_stations_as_the_domain_says(city: City) -> None:
    """726 in all."""
    types = (placed.item.type for placed in city.stations)
    found = Counter("heat_exchanger" if type_ in EXCHANGERS else type_ for type_ in types)
    assert found == COUNTS
    assert found.total() == 726


def test_each_of_twenty_towns_has_stations(city: City) -> None:
    """Lamps in every one, and water."""
    towns = {placed.item.code for placed in city.towns}
    assert len(towns) == 20
    for system in ("light", "water"):
        stations = [placed.item for placed in city.stations if placed.item.id.startswith(f"{system}-")]
        assert {station.town for station in stations} == towns


def test_an_id_belongs_to_one_thing(city: City) -> None:
    """Whatever it is: people say ids over the phone. It names the town in which the thing stands."""
    things = [
        *((placed.item.id, placed.item.town) for placed in city.stations),
        *((placed.item.id, placed.item.town) for placed in city.valves),
        *((placed.item.id, placed.item.town) for placed in city.key_users),
    ]
    assert len({id_ for id_, _ in things}) == len(things)
    assert [id_ for id_, town in things if id_.split("-")[1] != town[:9]] == []
