"""``miyun coverage``: what is heard, what is missing and why, and how far we are behind ourselves."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from support.engine_log import point
from support.monitor_city import tick, write
from support.output_records import BUCKET, MINUTE, Output, Outputs, part
from support.programs import Miyun
from support.stored import schema_of

from schemas.base import Bilingual
from schemas.outcomes import PlanActivated, StationStateChanged
from schemas.outputs import decode
from schemas.plan import PLAN_FORMAT, Plan, Point, Ratio, Station, System, plan_bytes, plan_id
from schemas.topics import TopicName
from services.cli.checks import status
from services.cli.shown.coverage import By, Coverage, as_document, look
from services.cli.shown.coverage_page import Page, show
from services.recorder.store import store_bisecting
from services.runtime.kafka import make_producer
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

State = Literal["reporting", "partial", "silent", "unheard"]
GULOU, GUOYUAN = "110118001000", "110118002000"
POINTS = (
    point("ch4"),
    point("h2s"),
    point("door", report_mode="on_change", expected_every_s=3600),
    point("share", computed=Ratio(part="ch4", whole="h2s")),
    point("pipe_grade", report_mode="inspected", expected_every_s=86_400),
    point("lamp", report_mode="on_change", expected_every_s=0),
)
"""Three of them devices have to report."""


def station(name: str, system: str = "gas", town: str = GULOU, points: tuple[Point, ...] = POINTS) -> Station:
    words = Bilingual(zh=f"{name}号阀井", en=f"valve pit {name}")
    return Station(
        station_id=name, kind="gas_chamber", system=system, town_code=town, owner_org="gas", name=words,
        lat=40.37, lon=116.83, virtual=False, points=points,
    )  # fmt: skip


CITY = Plan(
    format=PLAN_FORMAT,
    district_code="110118000000",
    towns={GULOU: Bilingual(zh="鼓楼街道", en="Gulou"), GUOYUAN: Bilingual(zh="果园街道", en="Guoyuan")},
    rules=(),
    stations=(
        *(station(f"g-{n}") for n in range(1, 4)),
        station("h-1", "heating", GUOYUAN),
        station("h-2", "heating", GUOYUAN),
        station("cctv", "sewer", points=POINTS[3:]),
        replace(station("zone"), virtual=True),
    ),
    calendars={},
    keys=(),
    systems=(
        System(system="heating", name=Bilingual(zh="供热", en="heating")),
        System(system="gas", name=Bilingual(zh="燃气", en="gas")),
    ),
)


class City:
    """The tables of a city whose plan is active, and the records that its monitor sends."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self.settings = settings
        self.outputs = Outputs(settings.namespace)
        self._connection = connection
        self._offset = 0

    async def store(self, records: Sequence[Output]) -> None:
        """As the recorder does."""
        await store_bisecting(self._connection, [decode(record) for record in records])

    async def activate(self, plan: Plan) -> None:
        """Publish and activate it."""
        serialised = plan_bytes(plan)
        name = plan_id(serialised)
        told = PlanActivated(plan=name, partition=0, actor="publisher", at=BUCKET)
        await self.store([*self.outputs.plan_parts(name, serialised), self.outputs.outcome(told, 0, 1)])

    async def tell(
        self, name: str, state: State, *silent: str, minute: int = 0, sources: tuple[str, ...] = ("gw-1",)
    ) -> None:
        """The monitor tells a station's state."""
        self._offset += 1
        change = StationStateChanged(
            station=name, system="gas", town_code=GULOU, state=state, silent_points=silent, points=3,
            sources=sources, at=BUCKET + minute * MINUTE,
        )  # fmt: skip
        await self.store([self.outputs.outcome(change, 3, self._offset)])

    async def all_report(self) -> None:
        """Every station is heard, gas by one source, heat by another."""
        for name in ("g-1", "g-2", "g-3", "h-1", "h-2"):
            await self.tell(name, "reporting", sources=("gw-1" if name.startswith("g") else "gw-2",))


Printed = pytest.CaptureFixture[str]


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Connection]:
    """A new schema in the module's namespace, without a plan."""
    async with schema_of(settings) as connection:
        yield connection


@pytest.fixture
async def city(database: Connection, settings: Settings) -> City:
    """A city of five stations that report, one that only people look at, and a virtual one."""
    made = City(database, settings)
    await made.activate(CITY)
    return made


def minute(number: int) -> datetime:
    """So many minutes after the first."""
    return datetime.fromtimestamp((BUCKET + number * MINUTE) / 1000, UTC)


def printed(
    coverage: Coverage, capsys: Printed, *, by: Any = "both", lang: Any = "en", limit: int = 20
) -> str:
    show(Page(coverage=coverage, by=by, language=lang, limit=limit))
    return capsys.readouterr().out


def shares_of(coverage: Coverage, by: By) -> dict[tuple[str | None, str | None], tuple[int, int]]:
    """Points expected and seen in time, by system and town."""
    return {place: (share["expected"], share["seen"]) for place, share in coverage.shares_by(by).items()}


async def test_only_what_devices_have_to_report_is_expected(city: City) -> None:
    """Computed points, inspected ones and virtual stations are nobody's silence."""
    await city.all_report()
    coverage = await look(city.settings)
    assert shares_of(coverage, "both") == {
        ("gas", GULOU): (9, 9),
        ("heating", GUOYUAN): (6, 6),
    }
    assert (coverage.sources, coverage.stations, coverage.points) == ([], [], [])


async def test_silent_sensor_is_told_from_its_station(city: City) -> None:
    """The point, since when it has been silent without a break, and the minute of its last data."""
    await city.all_report()
    for n in (1, 2):
        await city.store([city.outputs.minute("g-1", BUCKET + n * MINUTE, {"h2s": part(1)}, 100 + n)])
    await city.tell("g-1", "partial", "h2s", minute=2)
    await city.tell("g-1", "reporting", minute=3)
    await city.tell("g-1", "partial", "h2s", minute=5)
    await city.tell("g-1", "partial", "ch4", "h2s", minute=7)
    coverage = await look(city.settings)
    found = [(one["station_id"], one["point"], one["since"], one["heard"]) for one in coverage.points]
    assert found == [("g-1", "ch4", minute(7), None), ("g-1", "h2s", minute(5), minute(2))]
    assert shares_of(coverage, "system")["gas", None] == (9, 7)
    assert coverage.stations == []


async def test_silent_station_counts_with_all_its_points(city: City) -> None:
    """Whatever points it names itself; and as silent from the beginning of its silence on."""
    await city.all_report()
    await city.store([city.outputs.minute("g-1", BUCKET + MINUTE, {"ch4": part(1)}, 100)])
    await city.tell("g-1", "partial", "ch4", minute=4)
    await city.tell("g-1", "silent", "ch4", minute=5)
    await city.tell("g-1", "silent", "ch4", "h2s", minute=9)
    coverage = await look(city.settings)
    (one,) = coverage.in_state("silent")
    assert (one["station_id"], one["since"], one["heard"], one["points"]) == ("g-1", minute(5), minute(1), 3)
    assert (coverage.sources, coverage.points) == ([], [])
    assert shares_of(coverage, "town") == {(None, GULOU): (9, 6), (None, GUOYUAN): (6, 6)}


async def test_silent_source_stands_for_its_stations(city: City) -> None:
    """When all that a source carried is silent, that is said once, since the last of them went."""
    await city.all_report()
    await city.tell("h-1", "silent", minute=4, sources=("gw-2",))
    assert [one["station_id"] for one in (await look(city.settings)).in_state("silent")] == ["h-1"]
    await city.tell("h-2", "silent", minute=6, sources=("gw-2",))
    coverage = await look(city.settings)
    (source,) = coverage.sources
    assert (source["source"], source["stations"], source["systems"]) == ("gw-2", 2, ["heating"])
    assert (source["station_ids"], source["since"]) == (["h-1", "h-2"], minute(6))
    assert coverage.in_state("silent") == []


async def test_source_of_one_station_is_its_station(city: City) -> None:
    """Which of both is silent nobody can know; the nearer thing is named."""
    await city.all_report()
    await city.tell("h-2", "silent", minute=4, sources=("gw-9",))
    coverage = await look(city.settings)
    assert coverage.sources == []
    assert [one["station_id"] for one in coverage.in_state("silent")] == ["h-2"]


async def test_station_that_never_spoke_is_not_silent(city: City) -> None:
    """Told as unheard, or not told at all yet: both were never heard of."""
    await city.all_report()
    await city.activate(replace(CITY, stations=(*CITY.stations, station("g-8"), station("g-9"))))
    await city.tell("g-9", "unheard", minute=3, sources=())
    coverage = await look(city.settings)
    assert [(one["station_id"], one["since"]) for one in coverage.in_state("unheard")] == [
        ("g-8", None),
        ("g-9", minute(3)),
    ]
    assert coverage.in_state("silent") == []
    assert shares_of(coverage, "system")["gas", None] == (15, 9)


async def test_station_that_left_the_city_is_not_missed(city: City) -> None:
    """Nor is a point that the plan has dropped, though its last state names it."""
    await city.all_report()
    await city.tell("g-1", "partial", "h2s", minute=2)
    await city.tell("g-2", "silent", minute=2)
    await city.activate(replace(CITY, stations=(station("g-1", points=POINTS[:1]), station("g-3"))))
    coverage = await look(city.settings)
    assert shares_of(coverage, "system") == {("gas", None): (4, 4)}
    assert (coverage.stations, coverage.points) == ([], [])


async def test_status_counts_the_same_stations(city: City) -> None:
    """``miyun status`` says of the stations what coverage says."""
    await city.all_report()
    await city.tell("g-1", "partial", "h2s", minute=2)
    await city.tell("h-2", "silent", minute=2)
    await city.activate(replace(CITY, stations=(*CITY.stations, station("g-9"))))
    coverage = await look(city.settings)
    assert coverage.total["stations"] == 6
    assert [len(coverage.in_state(state)) for state in ("silent", "unheard")] == [1, 1]
    (line,) = await status.stations(city.settings)
    assert line.what() == "3 of 6 reporting, 1 in part, 1 silent, 1 never heard of"


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "全部正常上报：5 个站点、15 个测点"), ("en", "15 points of 5")]
)
async def test_everything_heard_says_so(city: City, capsys: Printed, lang: str, words: str) -> None:
    """And nothing else but our own lag and the shares."""
    await city.all_report()
    page = printed(await look(city.settings), capsys, lang=lang)
    assert words in page
    assert "->" not in page.partition("\n\n")[2]


async def test_page_names_each_kind_with_its_remedy(city: City, capsys: Printed) -> None:
    """Source, station, sensor, never heard of: each under its own heading, with city time and what to do."""
    await city.all_report()
    await city.activate(replace(CITY, stations=(*CITY.stations, station("g-9"))))
    await city.tell("g-1", "partial", "h2s", minute=2)
    await city.tell("g-2", "silent", minute=3)
    for name in ("h-1", "h-2"):
        await city.tell(name, "silent", minute=4, sources=("gw-2",))
    page = printed(await look(city.settings), capsys)
    parts = page.split("\n\n")[2:]
    assert [part.split("\n")[0].strip() for part in parts] == [
        "silent sources: 1", "silent stations: 1", "silent sensors: 1", "stations never heard of: 1",
    ]  # fmt: skip
    for part_, words in zip(parts, ("gw-2", "g-2", "h2s", "g-9"), strict=True):
        assert words in part_
        assert "\n-> " in part_
    assert "2026-01-13 19:02:00" in parts[2], "the city's time"
    assert "Gulou" in parts[1]


async def test_long_lists_are_cut_and_say_so(city: City, capsys: Printed) -> None:
    """``--limit`` lines of each kind, and how many more there are."""
    page = printed(await look(city.settings), capsys, limit=2)
    assert "stations never heard of: 5" in page
    assert "... and 3 more" in page


@pytest.mark.parametrize("by", ["both", "town", "system"])
async def test_shares_are_told_apart_as_asked(city: City, capsys: Printed, by: Literal["both"]) -> None:
    """A share is rounded down, so that 100 % means all; where nothing is expected there is a dot."""
    await city.all_report()
    await city.tell("g-1", "partial", "h2s", minute=2)
    page = printed(await look(city.settings), capsys, by=by)
    lines = [line.split() for line in page.splitlines()]
    wanted = {
        "both": [["Gulou", "·", "88.8%", "88.8%"], ["Guoyuan", "100%", "·", "100%"]],
        "town": [["Gulou", "88.8%", "8", "/", "9"], ["Guoyuan", "100%", "6", "/", "6"]],
        "system": [["heating", "100%", "6", "/", "6"], ["gas", "88.8%", "8", "/", "9"]],
    }[by]
    assert [line for line in lines if line in wanted] == wanted
    assert any(line[:1] == ["total"] and "93.3%" in line for line in lines)


async def test_our_lag_is_said_before_all_else(city: City, settings: Settings, capsys: Printed) -> None:
    """A monitor that has not judged what waits is no silent city."""
    await city.all_report()
    before = (await look(settings)).lags["monitor"]
    async with make_producer(settings) as producer:
        await write(producer, TopicName.EVENTS.within(settings.namespace), [tick(3, BUCKET)] * 9)
    coverage = await look(settings)
    assert list(coverage.lags) == ["monitor", "recorder"]
    monitor = coverage.lags["monitor"]
    assert (before.failure, monitor.failure) == (None, None)
    assert (monitor.total - before.total, monitor.well) == (9, False)
    lines = printed(coverage, capsys).splitlines()
    assert lines[0].startswith("city time 2026-01-13 19:00:00 Asia/Shanghai")
    assert "monitor has not begun" in lines[0]
    assert lines[1].startswith("CAUTION: we are behind")
    assert "miyun status" in lines[2]


async def test_broker_that_is_away_hides_nothing(city: City, capsys: Printed) -> None:
    """What is stored is shown; that our lag is unknown is said at the top."""
    await city.all_report()
    away = city.settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    page = printed(await look(away), capsys)
    assert "monitor lag unknown" in page.splitlines()[0]
    assert "CAUTION" in page
    assert "15 points of 5 stations" in page


async def test_json_holds_everything(city: City) -> None:
    """One object; the lists are whole, whatever the limit."""
    await city.all_report()
    await city.tell("g-1", "partial", "h2s", minute=2)
    document = as_document(await look(city.settings), "system")
    assert document["total"] == {"expected": 15, "seen": 14, "percent": 93.3}
    assert {share["system"]: share["seen"] for share in document["shares"]} == {"gas": 8, "heating": 6}
    assert [one["point"] for one in document["silent_points"]] == ["h2s"]
    assert set(document["lag"]) == {"monitor", "recorder"}


async def test_city_without_a_plan_says_what_to_do(database: Connection, settings: Settings) -> None:
    """Nothing is expected: no share, but a command."""
    with pytest.raises(StopProcessError, match="miyun rules publish"):
        await look(settings)


@pytest.mark.usefixtures("city")
def test_command_line_prints_and_refuses(miyun: Miyun, installed_miyun: Miyun) -> None:
    """As a person calls it: a page, one JSON object, and a word on what --by may be."""
    page = installed_miyun("coverage", "--lang", "en", "--by", "system")
    assert page.returncode == 0, page.stderr
    assert "stations never heard of: 5" in page.stdout
    told = json.loads(miyun("coverage", "--json").stdout)
    assert len(told["unheard_stations"]) == 5
    assert miyun("coverage", "--by", "street").returncode == 2


def test_schema_that_is_not_there_is_one_line(settings: Settings, miyun: Miyun) -> None:
    """No recorder ever ran."""
    done = miyun("coverage", "--lang", "en")
    assert done.returncode == 1
    assert f"nothing is stored in namespace {settings.namespace} yet: start its recorder" in done.stderr
    assert done.stderr.count("\n") == 1
    assert f"命名空间 {settings.namespace} 尚未存储任何数据：启动入库服务" in miyun("coverage").stderr
