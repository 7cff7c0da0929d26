"""Assets: where things stand, what they are called, what hangs on what; and ``miyun assets check``."""

from pathlib import Path

import pytest
from support.lamp_city import LAMPS, lamps_swapped, write_lamp_city
from support.programs import Done, bare_environment, miyun, miyun_process
from support.small_city import AT_MS, FILES, TYPES, write_city

from services.plans.asset_table import table
from services.plans.city.folder import CityError, load_city
from services.runtime import screen
from services.runtime.words import Language

Printed = pytest.CaptureFixture[str]
CITY = Path(__file__).parents[4] / "deploy" / "miyun"
TOWNS, SYSTEMS, ORGANISATIONS, ROADS = "towns.yaml", "systems.yaml", "organisations.yaml", "roads.yaml"
GAS, HOMES = "stations/gas.yaml", "stations/heating.yaml"
VALVES, USERS, LINKS = "valves.yaml", "key_users.yaml", "links.yaml"

LINKED = {
    **FILES,
    TOWNS: "towns:\n  - {code: '110118001000', name: {zh: 鼓楼街道, en: Gulou}, lat: 40.30, lon: 116.83}\n",
    ROADS: "roads:\n  - {id: gulou-street, name: {zh: 鼓楼大街, en: Gulou Street}, rank: arterial}\n",
    GAS: FILES[GAS]
    + """\
  - id: gas-2
    type: gas_chamber
    town: '110118001000'
    owner: gas-operator
    name: {zh: 4号阀井, en: valve pit 4}
    lat: 40.375
    lon: 116.83
""",
    VALVES: """\
valves:
  - id: valve-1
    kind: valve
    system: gas
    town: '110118001000'
    name: {zh: 1号阀, en: valve 1}
    lat: 40.371
    lon: 116.83
""",
    USERS: """\
key_users:
  - id: key-1
    kind: hospital
    town: '110118001000'
    name: {zh: 区医院, en: hospital}
    lat: 40.372
    lon: 116.83
""",
    LINKS: """\
links:
  - {kind: feeds, from: gas-1, to: [gas-2], valve: valve-1}
  - {kind: feeds, from: gas-2, to: [key-1]}
  - {kind: beside, from: gas-2, to: [heat-1]}
""",
}
"""The small city with a second chamber, a valve, a hospital and what links them, near the southern edge."""

GAS_NEEDS = "system: gas\n    needs: "
HEAT_NEEDS = "system: heating\n    needs: "


def linked(file: str, old: str, new: str) -> dict[str, str]:
    """One file with a piece of text replaced, which stands in it once."""
    assert LINKED[file].count(old) == 1, LINKED[file].count(old)
    return {file: LINKED[file].replace(old, new)}


def added(link: str) -> dict[str, str]:
    """One link more, in line 5."""
    return {LINKS: f"{LINKED[LINKS]}  - {{{link}}}\n"}


def valve_called(name: str) -> dict[str, str]:
    """The valve with another id, which its link knows too."""
    return linked(VALVES, "valve-1", name) | linked(LINKS, "valve-1", name)


def mistakes(folder: Path, changed: dict[str, str]) -> list[str]:
    """The lines that are told about the linked city with other texts."""
    with pytest.raises(CityError) as error:
        load_city(write_city(folder, **{**LINKED, **changed}), at_ms=AT_MS)
    return [line.removeprefix(f"{folder}/") for line in error.value.lines]


def swap(file: str, old: str, new: str, says: str, *, id: str) -> object:
    """A defect in one file and what is told about it."""
    return pytest.param(linked(file, old, new), says, id=id)


def link(fields: str, says: str, *, id: str) -> object:
    """A link that should not be and what is told about it."""
    return pytest.param(added(fields), f"{LINKS}:5: {says}", id=id)


PLACES = [
    swap(
        VALVES,
        "town: '110118001000'",
        "town: '110118002000'",
        "valves.yaml:5: town: unknown town '110118002000'; there are 110118001000",
        id="valve in an unknown town",
    ),
    swap(
        USERS,
        "town: '110118001000'",
        "town: '110118002000'",
        "key_users.yaml:4: town: unknown town '110118002000'; there are 110118001000",
        id="key user in an unknown town",
    ),
    swap(
        VALVES,
        "lat: 40.371",
        "lat: 40.19",
        "valves.yaml:7: lat: 40.19, 116.83 lies outside the district: "
        "lat 40.2 to 40.8, lon 116.6 to 117.6 (WGS-84)",
        id="valve outside the district",
    ),
    swap(
        USERS,
        "lat: 40.372",
        "lat: 40.19",
        "key_users.yaml:6: lat: 40.19, 116.83 lies outside the district: "
        "lat 40.2 to 40.8, lon 116.6 to 117.6 (WGS-84)",
        id="key user outside the district",
    ),
    swap(
        GAS,
        "lat: 40.37\n",
        "lat: 40.47\n",
        "stations/gas.yaml:4: town: 18.9 km from the centre of Gulou: another town, or other coordinates",
        id="station far from its town",
    ),
    swap(
        VALVES,
        "lat: 40.371",
        "lat: 40.436",
        "valves.yaml:5: town: 15.1 km from the centre of Gulou: another town, or other coordinates",
        id="valve far from its town",
    ),
    swap(
        USERS,
        "lon: 116.83",
        "lon: 117.01",
        "key_users.yaml:4: town: 17.2 km from the centre of Gulou: another town, or other coordinates",
        id="key user far from its town",
    ),
    swap(
        GAS,
        "lat: 40.375",
        "lat: 40.37",
        "stations/gas.yaml:14: lat: stands where gas-1 stands, of the same type",
        id="station entered twice",
    ),
]

NAMES = [
    pytest.param(
        valve_called("heat-1"),
        "valves.yaml:2: id: heat-1 stands in stations/heating.yaml already; ids are unique",
        id="valve with the id of a station",
    ),
    pytest.param(
        valve_called("key-1"),
        "valves.yaml:2: id: key-1 stands in key_users.yaml already; ids are unique",
        id="valve with the id of a key user",
    ),
    swap(
        GAS,
        "zh: 4号阀井",
        "zh: 3号阀井",
        "stations/gas.yaml:13: name.zh: gas-1 of the same town is called '3号阀井' too: number them",
        id="Chinese name twice",
    ),
    swap(
        HOMES,
        "en: Shahe quarter",
        "en: valve pit 3",
        "stations/heating.yaml:6: name.en: gas-1 of the same town is called 'valve pit 3' too: number them",
        id="English name twice, of another type",
    ),
    swap(
        TOWNS,
        "zh: 鼓楼街道",
        "zh: ' '",
        "towns.yaml:2: name.zh: name is empty in zh: write both",
        id="blank town",
    ),
    swap(
        SYSTEMS,
        "en: heating",
        "en: ' '",
        "systems.yaml:3: name.en: name is empty in en: write both",
        id="blank system",
    ),
    swap(
        ORGANISATIONS,
        "zh: 燃气运营单位",
        "zh: '　'",
        "organisations.yaml:2: name.zh: name is empty in zh: write both",
        id="organisation of a full-width space",
    ),
    swap(
        "district.yaml",
        "en: Miyun",
        "en: ' '",
        "district.yaml:2: name.en: name is empty in en: write both",
        id="blank district",
    ),
    swap(
        TYPES,
        "en: methane",
        "en: ' '",
        "station_types.yaml:6: points.name.en: name is empty in en: write both",
        id="blank point",
    ),
    swap(
        "rules/gas.yaml",
        "zh: 疏散并通风",
        "zh: ' '",
        "rules/gas.yaml:4: guidance.zh: guidance is empty in zh: write both",
        id="blank guidance",
    ),
    swap(
        TOWNS,
        ", lon: 116.83",
        "",
        "towns.yaml:2: code: lat and lon of its centre, or neither",
        id="half a centre of a town",
    ),
    swap(
        ROADS,
        "en: Gulou Street",
        "en: ' '",
        "roads.yaml:2: name.en: name is empty in en: write both",
        id="blank road",
    ),
    swap(
        HOMES,
        "zh: 沙河小区",
        "zh: ' '",
        "stations/heating.yaml:6: name.zh: name is empty in zh: write both",
        id="blank station",
    ),
    swap(
        VALVES,
        "en: valve 1",
        "en: ' '",
        "valves.yaml:6: name.en: name is empty in en: write both",
        id="blank valve",
    ),
    swap(
        USERS,
        "zh: 区医院",
        "zh: ' '",
        "key_users.yaml:5: name.zh: name is empty in zh: write both",
        id="blank key user",
    ),
    swap(
        HOMES,
        "lon: 116.83\n",
        "lon: 116.83\n    address: {zh: 鼓楼大街1号, en: ' '}\n",
        "stations/heating.yaml:9: address.en: address is empty in en: write both",
        id="blank address",
    ),
    swap(
        HOMES,
        "lon: 116.83\n",
        "lon: 116.83\n    access_note: {zh: ' ', en: key at the office}\n",
        "stations/heating.yaml:9: access_note.zh: access_note is empty in zh: write both",
        id="blank access note",
    ),
    swap(
        SYSTEMS,
        "en: heating}}\n",
        "en: heating}}\n  - {id: water, name: {zh: 供水, en: water}}\n",
        "systems.yaml:4: id: water has no stations: add some, or leave it out",
        id="system without stations",
    ),
]

ENDS = [
    swap(
        LINKS,
        "beside, from: gas-2",
        "beside, from: gas-9",
        "links.yaml:4: from: unknown station 'gas-9'; there are gas-1, gas-2, heat-1",
        id="from an unknown station",
    ),
    swap(
        LINKS,
        "to: [heat-1]",
        "to: [heat-9]",
        "links.yaml:4: to: unknown station or key user 'heat-9'; there are gas-1, gas-2, heat-1, key-1",
        id="to an unknown station",
    ),
    swap(
        LINKS,
        "to: [heat-1]",
        "to: [heat-1,\n      gas-2]",
        "links.yaml:5: to: gas-2 is linked to itself",
        id="beside itself, told where it stands in the list",
    ),
    link("kind: feeds, from: gas-1, to: [gas-1]", "to: gas-1 is linked to itself", id="feeds itself"),
    link(
        "kind: feeds, from: gas-1, to: [gas-2]",
        "to: gas-1 feeds gas-2 stands twice",
        id="feeds twice",
    ),
    link(
        "kind: beside, from: heat-1, to: [gas-2]",
        "to: heat-1 beside gas-2 stands twice",
        id="beside twice, the other way round",
    ),
    link(
        "kind: beside, from: gas-1, to: [heat-1, heat-1]",
        "to: gas-1 beside heat-1 stands twice",
        id="twice in one link",
    ),
    link(
        "kind: feeds, from: key-1, to: [heat-1]",
        "from: key-1 is a key user: it is fed and feeds nothing",
        id="key user that feeds",
    ),
    link(
        "kind: feeds, from: gas-1, to: [key-1, heat-1]",
        "to: gas-1 is of gas, heat-1 of heating: only a key user is fed across systems",
        id="feeds another system",
    ),
    pytest.param(
        added("kind: feeds, from: gas-2, to: [gas-1]"),
        "links.yaml:2: to: feeds in a circle: gas-2 > gas-1 > gas-2",
        id="circle",
    ),
    swap(
        HOMES,
        "lat: 40.37",
        "lat: 40.365",
        "links.yaml:4: to: heat-1 lies 1.1 km from gas-2: not beside it",
        id="beside what lies elsewhere",
    ),
    swap(
        LINKS,
        "to: [key-1]",
        "to: [key-1], valve: valve-9",
        "links.yaml:3: valve: unknown valve 'valve-9'; there are valve-1",
        id="unknown valve",
    ),
    swap(
        LINKS,
        "to: [heat-1]",
        "to: [heat-1], valve: valve-1",
        "links.yaml:4: valve: a valve parts what feeds; neighbours have none between them",
        id="valve between neighbours",
    ),
    swap(
        VALVES,
        "system: gas",
        "system: heating",
        "links.yaml:2: valve: valve-1 is of heating, gas-1 of gas",
        id="valve of another system",
    ),
]

UNLINKED = [
    swap(
        TYPES,
        "system: gas\n",
        GAS_NEEDS + "[feeder]\n",
        "stations/gas.yaml:2: id: gas-1 is fed by nothing: name in links.yaml what feeds it",
        id="station that nothing feeds",
    ),
    pytest.param(
        linked(TYPES, "system: heating\n", HEAT_NEEDS + "[consumer, neighbour]\n")
        | linked(LINKS, "from: gas-2, to: [heat-1]", "from: heat-1, to: [gas-2]"),
        "stations/heating.yaml:2: id: heat-1 feeds nothing: name in links.yaml what it feeds",
        id="station that feeds nothing",
    ),
    swap(
        TYPES,
        "system: gas\n",
        GAS_NEEDS + "[neighbour]\n",
        "stations/gas.yaml:2: id: gas-1 lies beside nothing: name its neighbour in links.yaml",
        id="station without a neighbour",
    ),
    swap(
        LINKS,
        "feeds, from: gas-2",
        "beside, from: gas-2",
        "key_users.yaml:2: id: key-1 is fed by nothing: name in links.yaml what feeds it",
        id="key user that nothing feeds",
    ),
    swap(
        LINKS,
        ", valve: valve-1",
        "",
        "valves.yaml:2: id: valve-1 parts no link: name it in links.yaml, or leave it out",
        id="valve that parts nothing",
    ),
]


@pytest.mark.parametrize(("changed", "says"), [*PLACES, *NAMES, *ENDS, *UNLINKED])
def test_a_mistake_is_told_with_its_place(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    """One defect, one line with file and line, and no other."""
    assert mistakes(tmp_path, changed) == [says]


def test_a_valve_of_an_unknown_system_is_told_at_its_link_too(tmp_path: Path) -> None:
    """There is no such system, and it is not that of the station."""
    assert mistakes(tmp_path, linked(VALVES, "system: gas", "system: gaz")) == [
        "links.yaml:2: valve: valve-1 is of gaz, gas-1 of gas",
        "valves.yaml:4: system: unknown system 'gaz'; there are gas, heating",
    ]


MANY = (
    linked(SYSTEMS, "en: gas", "en: ' '")
    | linked(GAS, "lat: 40.37\n", "lat: 40.47\n")
    | linked(VALVES, "lat: 40.371", "lat: 40.19")
    | linked(USERS, "zh: 区医院", "zh: ' '")
    | added("kind: feeds, from: gas-2, to: [heat-1, heat-9]")
)
TOLD = [
    "key_users.yaml:5: name.zh: name is empty in zh: write both",
    "links.yaml:5: to: unknown station or key user 'heat-9'; there are gas-1, gas-2, heat-1, key-1",
    "links.yaml:5: to: gas-2 is of gas, heat-1 of heating: only a key user is fed across systems",
    "stations/gas.yaml:4: town: 18.9 km from the centre of Gulou: another town, or other coordinates",
    "systems.yaml:2: name.en: name is empty in en: write both",
    "valves.yaml:7: lat: 40.19, 116.83 lies outside the district: "
    "lat 40.2 to 40.8, lon 116.6 to 117.6 (WGS-84)",
]
"""What is told about ``MANY``."""


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Six in five files, in the order of files; two of one link too."""
    assert mistakes(tmp_path, MANY) == TOLD


THIRD = f"""\
{LINKED[GAS]}\
  - id: gas-3
    type: gas_chamber
    town: '110118001000'
    owner: gas-operator
    name: {{zh: 5号阀井, en: valve pit 5}}
    lat: 40.38
    lon: 116.83
"""
"""The gas stations with a third one."""


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        pytest.param(
            "gas-2",
            [
                "links.yaml:2: to: feeds in a circle: gas-2 > gas-1 > gas-2",
                "links.yaml:6: to: feeds in a circle: gas-2 > gas-3 > gas-2",
            ],
            id="two that share a station",
        ),
        pytest.param(
            "gas-1",
            ["links.yaml:2: to: feeds in a circle: gas-2 > gas-3 > gas-1 > gas-2"],
            id="two that share the link where they close",
        ),
    ],
)
def test_circles_are_told_once_for_each_link_that_closes_them(
    tmp_path: Path, ends: str, told: list[str]
) -> None:
    """Without that link the other one is none either."""
    circles = (
        "  - {kind: feeds, from: gas-2, to: [gas-3, gas-1]}\n"
        f"  - {{kind: feeds, from: gas-3, to: [{ends}]}}\n"
    )
    assert mistakes(tmp_path, {GAS: THIRD, LINKS: LINKED[LINKS] + circles}) == told


RIGHT = [
    pytest.param({}, id="as it is"),
    pytest.param(
        linked(TOWNS, ", lat: 40.30, lon: 116.83", "") | linked(GAS, "lat: 40.37\n", "lat: 40.47\n"),
        id="far from a town whose centre is not known",
    ),
    pytest.param(linked(GAS, "lat: 40.37\n", "lat: 40.434\n"), id="14.9 km from its town"),
    pytest.param(linked(HOMES, "lat: 40.37", "lat: 40.3662"), id="beside what is 0.98 km away"),
    pytest.param(
        {TOWNS: LINKED[TOWNS] + "  - {code: '110118002000', name: {zh: 果园街道, en: Guoyuan}}\n"}
        | linked(
            HOMES,
            "1000'\n    owner: gas-operator\n    name: {zh: 沙河小区, en: Shahe quarter}",
            "2000'\n    owner: gas-operator\n    name: {zh: 3号阀井, en: valve pit 3}",
        ),
        id="a name in two towns",
    ),
    pytest.param(linked(HOMES, "lat: 40.37", "lat: 40.375"), id="two types at one place"),
    pytest.param(added("kind: feeds, from: heat-1, to: [key-1]"), id="a key user fed by two systems"),
    pytest.param(added("kind: beside, from: gas-1, to: [gas-2]"), id="feeds what lies beside it"),
    pytest.param(added("kind: beside, from: key-1, to: [heat-1]"), id="a key user beside a station"),
    pytest.param(linked(TYPES, "system: gas\n", GAS_NEEDS + "[consumer]\n"), id="a key user as consumer"),
    pytest.param(
        linked(TYPES, "system: heating\n", HEAT_NEEDS + "[neighbour]\n"),
        id="a neighbour named from the other side",
    ),
]


@pytest.mark.parametrize("changed", RIGHT)
def test_what_is_right_is_not_told(tmp_path: Path, changed: dict[str, str]) -> None:
    """The linked city has no mistake, nor have its likes that come near to one."""
    assert load_city(write_city(tmp_path, **{**LINKED, **changed}), at_ms=AT_MS).links


def rows(folder: Path, capsys: Printed, lang: Language = "en") -> list[list[str]]:
    """The table of a city, cell by cell."""
    screen.show(table(load_city(folder, at_ms=AT_MS), lang))
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_the_table_counts_each_system(tmp_path: Path, capsys: Printed) -> None:
    """Links count where they begin, for each end; towns in which both stand count once in the whole."""
    two = added("kind: beside, from: gas-1, to: [gas-2, heat-1]")
    folder = write_city(tmp_path, **{**LINKED, **two})
    assert rows(folder, capsys) == [
        ["system", "stations", "points", "towns", "links", "readings/s"],
        ["gas", "2", "4", "1", "5", "0.07"],
        ["heating", "1", "1", "1", "0", "0.00"],
        ["all", "3", "5", "1", "5", "0.07"],
    ]
    assert [row[0] for row in rows(folder, capsys, "zh")] == ["系统", "燃气", "供热", "合计"]


def test_the_table_counts_readings_that_come_at_intervals(tmp_path: Path, capsys: Printed) -> None:
    """Not what is sent on change, computed or inspected; a station's own interval goes before its type's."""
    own = lamps_swapped(LAMPS, "lost_kw: {", "lost_kw: {every_s: 1, ")
    usual = ["lighting", "2", "18", "1", "0", "0.07"]
    assert usual in rows(write_lamp_city(tmp_path / "usual"), capsys)
    assert [*usual[:-1], "1.06"] in rows(write_lamp_city(tmp_path / "own", **own), capsys)


AWAY = bare_environment(MIYUN_CLOCK="log", COLUMNS="80")
"""From the stack's settings."""


def check(folder: Path, *arguments: str) -> Done:
    """``miyun assets check``."""
    return miyun("assets", "check", "--city", str(folder), *arguments, environment=AWAY)


SHIPPED = """\
system            stations  points  towns  links  readings/s
Water                  126     370     20    121        0.59
Sewer                  118     916     12    114        2.76
District heating       144    1646      7    162       22.19
Gas                    222    1038     14    279        6.86
Street lighting        110    3740     20      0        2.20
Weather                  6      18      6      0        0.14
all                    726    7728     20    676       34.73
"""


def test_the_shipped_city_is_well() -> None:
    """Its table stands for ok: a line for each system, figures below their heads."""
    done = miyun_process("assets", "check", "--city", str(CITY), environment=AWAY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == SHIPPED


def test_every_mistake_is_printed_and_the_exit_code_is_one(tmp_path: Path) -> None:
    """Nothing but mistakes: no table of a city that cannot be used."""
    done = check(write_city(tmp_path, **{**LINKED, **MANY}))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [f"{tmp_path}/{line}" for line in TOLD]


def test_calendars_are_judged_at_the_instant_that_is_named(tmp_path: Path) -> None:
    """Assets that are well now are not published with a calendar that is over by then."""
    folder = write_city(tmp_path, **LINKED)
    assert check(folder).returncode == 0
    done = check(folder, "--at", "2026-10-01T00:00:00+08:00")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{folder}/calendars.yaml:8: phases.end: ends 2026-11-07")
