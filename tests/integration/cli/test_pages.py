"""``miyun alerts list | show`` and ``miyun rejects list | show`` on a real database."""

from dataclasses import replace

import pytest
from support.engine_log import above, plan_of, point, rule
from support.output_records import BUCKET, Output, Outputs
from support.shown_alerts import AT, alert

from schemas.alerts import AlertState, ReadingAt, Suppression, TransitionReason
from schemas.base import Bilingual, Severity
from schemas.kinds import RuleKind
from schemas.outcomes import InspectionTaken
from schemas.outputs import decode
from schemas.plan import System, plan_bytes, plan_id
from services.cli.shown.alert_list import AlertFilter, show_alerts
from services.cli.shown.alert_page import show_alert
from services.cli.shown.lists import show_inspections, show_rejects
from services.cli.shown.reject_page import show_reject
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

ALL = AlertFilter(closed_too=True, severity=None, system=None, town=None, limit=50)
OPEN = replace(ALL, closed_too=False)
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


@pytest.fixture
async def three(database: Connection, outputs: Outputs) -> Connection:
    """A notice of heating, raised last; a critical one of gas; a closed one."""
    heating = replace(
        alert("aaaa0001-0", severity=Severity.NOTICE),
        system="heating",
        town_code="110118002000",
        raised_at=AT + 60_000,
    )
    records = [
        outputs.alert(heating),
        outputs.alert(alert("bbbb0002-0")),
        outputs.alert(alert("bbbb0003-0", closed=True)),
    ]
    await store(database, records)
    return database


async def store(connection: Connection, records: list[Output]) -> None:
    await store_bisecting(connection, [decode(record) for record in records])


async def listed(settings: Settings, wanted: AlertFilter, capsys: Printed) -> list[str]:
    """Ids as printed, in order."""
    await show_alerts(settings, wanted, "en")
    lines = capsys.readouterr().out.splitlines()
    return [line[:8] for line in lines if line[4:8].isdigit()]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (OPEN, ["bbbb0002", "aaaa0001"]),
        (ALL, ["aaaa0001", "bbbb0002", "bbbb0003"]),
        (replace(OPEN, severity=Severity.NOTICE), ["bbbb0002", "aaaa0001"]),
        (replace(OPEN, severity=Severity.MAJOR), ["bbbb0002"]),
        (replace(OPEN, system="heating"), ["aaaa0001"]),
        (replace(OPEN, town="110118001"), ["bbbb0002"]),
        (replace(OPEN, limit=1), ["bbbb0002"]),
    ],
)
async def test_list_shows_what_is_asked_for(
    wanted: AlertFilter, ids: list[str], fresh: Settings, capsys: Printed
) -> None:
    """Open ones by urgency, all by time; severity means this and above; a town may be a code's beginning."""
    assert await listed(fresh, wanted, capsys) == ids


async def test_town_may_be_a_name(
    three: Connection, outputs: Outputs, fresh: Settings, capsys: Printed
) -> None:
    """Chinese or English, as the plan calls it."""
    plan = replace(
        plan_of(point("p"), rules=()).document, towns={"110118002000": Bilingual(zh="果园街道", en="Guoyuan")}
    )
    serialised = plan_bytes(plan)
    await store(three, outputs.plan_parts(plan_id(serialised), serialised))
    for name in ("果园街道", "guoyuan"):
        assert await listed(fresh, replace(ALL, town=name), capsys) == ["aaaa0001"], name
    assert await listed(fresh, replace(ALL, town="鼓楼"), capsys) == []


@pytest.mark.usefixtures("three")
async def test_list_tells_how_many_there_are(fresh: Settings, capsys: Printed) -> None:
    """Also when not all are shown."""
    await show_alerts(fresh, replace(OPEN, limit=1), "zh")
    assert capsys.readouterr().out.splitlines()[-1].strip() == "2 条未关闭告警，显示 1 条"


async def test_page_holds_everything(
    database: Connection, outputs: Outputs, fresh: Settings, capsys: Printed
) -> None:
    """Bilingual, place by name, guidance, suppression, readings, and the whole history with its evidence."""
    rules = (rule("gas.chamber_lel", above(Severity.WARN, 20.0)),)
    plan = plan_of(point("ch4_pct_lel", "gas.chamber_lel"), rules=rules).document
    station = replace(plan.stations[0], station_id="gas-1", name=Bilingual(zh="3号阀井", en="Valve pit 3"))
    plan = replace(plan, stations=(station,))
    name = plan_id(plan_bytes(plan))
    shelved = Suppression(kind="shelved", actor="zhao", reason="sensor is being replaced", until=AT + 60_000)
    last = replace(
        alert("cccc0001-0", seq=2, reason=TransitionReason.ACKNOWLEDGED, actor="li", note="crew sent"),
        plan=name,
        state=AlertState.SHELVED,
        suppressions=(shelved,),
        readings=(ReadingAt(at=AT, value=31.5),),
        acked_by="li",
        acked_at=AT + 2_000,
    )
    await store(database, outputs.active_plan(plan))
    await store(database, [outputs.alert(alert("cccc0001-0")), outputs.alert(last, offset=9)])
    await show_alert(fresh, "CCCC", "en")
    page = capsys.readouterr().out
    for words in (
        "Gulou: methane 32",
        "cccc0001-0  seq 2",
        "E shelved",
        "shelved, zhao: sensor is being replaced – 2026-01-13 19:01:04",
        "Valve pit 3 (gas-1)",
        plan.rules[0].guidance.en,
        "32 / 20 %LEL",
        "2026-01-13 19:00:06 li",
        "31.5 %LEL",
        "crew sent",
        "×2 clear limit 17  @3:7",
        name[:12],
    ):
        assert words in page, f"{words!r} not in {page}"
    assert page.index("\nraised ") < page.index("\nacknowledged "), "in the order of time"


@pytest.mark.usefixtures("three")
async def test_prefix_means_one_alert(fresh: Settings, capsys: Printed) -> None:
    """The only one, or of several the only open one; anything else is told, with what could be meant."""
    await show_alert(fresh, "bbbb", "zh")
    assert "bbbb0002-0" in capsys.readouterr().out
    with pytest.raises(StopProcessError, match="no alert begins with 'ffff'"):
        await show_alert(fresh, "ffff", "zh")
    with pytest.raises(StopProcessError, match="too short"):
        await show_alert(fresh, "b", "zh")


async def test_ambiguous_prefix_lists_the_alerts(
    three: Connection, outputs: Outputs, fresh: Settings, capsys: Printed
) -> None:
    """Several open ones: they are shown, and more of the id is asked for."""
    await store(three, [outputs.alert(alert("bbbb0004-0"))])
    with pytest.raises(StopProcessError, match="give more of the id"):
        await show_alert(fresh, "bbbb000", "zh")
    shown = capsys.readouterr()
    assert "bbbb0002" in shown.err
    assert "bbbb0004" in shown.err
    assert shown.out == ""


async def test_rejects_are_listed_by_reason_and_source(
    database: Connection, outputs: Outputs, fresh: Settings, capsys: Printed
) -> None:
    """The newest first, with where they come from."""
    early, late = str(BUCKET), str(BUCKET + 1_000)
    await store(
        database,
        [
            outputs.reject(b"{", offset=1, reason="not_json", source="gw-01", rejected_at=early),
            outputs.reject(b"{}", offset=2, reason="invalid", source="gw-02", rejected_at=late),
        ],
    )

    async def shown(reason: str | None, source: str | None) -> str:
        await show_rejects(fresh, "en", reason=reason, source=source, limit=9)
        return capsys.readouterr().out

    everything = await shown(None, None)
    assert everything.index("gw-02") < everything.index("gw-01")
    assert "events 3:1" in everything
    assert "2 rejects" in everything
    assert "gw-02" not in await shown("not_json", None)
    assert "gw-01" not in await shown(None, "gw-02")
    assert await shown("not_json", "gw-02") == "0 rejects\n"


@pytest.mark.parametrize(
    ("original", "line"),
    [('{"温度": 1}'.encode(), '{"温度": 1}'), (b"\xff\x00AB", "000000  ff 00 41 42")],
)
async def test_reject_page_shows_the_original(
    original: bytes, line: str, database: Connection, outputs: Outputs, fresh: Settings, capsys: Printed
) -> None:
    """Text as text, anything else as bytes; with the headers it came with."""
    await store(database, [outputs.reject(original, detail="scans: [red]bad[/red]")])
    number = await database.fetchval("SELECT id FROM rejects")
    await show_reject(fresh, number, "en", raw=False)
    page = capsys.readouterr().out
    assert line in page
    assert "scans: [red]bad[/red]" in page, "no markup of others is obeyed"
    assert "header ce_id" in page
    with pytest.raises(StopProcessError, match="no reject 987654"):
        await show_reject(fresh, 987_654, "en", raw=False)


async def test_namespace_without_a_recorder_says_so(fresh: Settings) -> None:
    """One line that says what to start."""
    with pytest.raises(StopProcessError, match=f"nothing is stored in namespace {fresh.namespace} yet"):
        await show_alerts(fresh, OPEN, "zh")


async def test_database_that_is_away_is_named(fresh: Settings) -> None:
    """One line that names the variable."""
    nowhere = fresh.model_copy(update={"database_url": "postgresql://miyun@127.0.0.1:1/miyun"})
    with pytest.raises(StopProcessError, match=r"127\.0\.0\.1:1 .* MIYUN_DATABASE_URL"):
        await show_alerts(nowhere, OPEN, "zh")


async def test_page_of_a_state_says_its_word(
    database: Connection, outputs: Outputs, fresh: Settings, capsys: Printed
) -> None:
    """A tripped pump is not 2 / 1.5."""
    rules = (rule("pump.tripped", above(Severity.WARN, 1.5), kind=RuleKind.STATE),)
    states = {0: Bilingual(zh="停", en="stopped"), 2: Bilingual(zh="跳闸", en="tripped")}
    named = (System(system="water", name=Bilingual(zh="供水", en="Water")),)
    plan = replace(plan_of(point("pump", "pump.tripped", states=states), rules=rules).document, systems=named)
    serialised = plan_bytes(plan)
    tripped = replace(
        alert("dddd0001-0"),
        plan=plan_id(serialised),
        station_id=plan.stations[0].station_id,
        point="pump",
        rule_id="pump.tripped",
        system="water",
        value=2.0,
    )
    await store(database, [*outputs.plan_parts(plan_id(serialised), serialised), outputs.alert(tripped)])
    for language, words, system in (("zh", "跳闸 (2)", "供水"), ("en", "tripped (2)", "Water")):
        await show_alert(fresh, "dddd", language)  # type: ignore[arg-type]
        page = capsys.readouterr().out
        assert words in page
        assert system in page


def inspection(name: str, minute: int, **changes: object) -> InspectionTaken:
    """A camera run in a sewer of Gulou."""
    fields: dict[str, object] = {
        "inspection_id": name, "station": "sewer-1", "system": "sewer", "town_code": "110118001000",
        "kind": "cctv", "point": "pipe_class", "at": BUCKET + minute * 60_000, "taken_at": BUCKET + 9_000_000,
        "inspector": "team-1", "grade": "IV", "defect": "PL4", "note": name, "nature": "simulated",
    }  # fmt: skip
    return InspectionTaken(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("system", "town", "limit", "found", "footer"),
    [
        (None, None, 9, ["run-3", "run-2", "run-1"], "3 inspections"),
        (None, None, 2, ["run-3", "run-2"], "2 of 3 inspections"),
        ("gas", None, 9, ["run-2"], "1 inspections"),
        (None, "110118002", 9, ["run-3"], "1 inspections"),
        (None, "鼓楼街道", 9, ["run-2", "run-1"], "2 inspections"),
        (None, "gulou", 9, ["run-2", "run-1"], "2 inspections"),
        ("heating", None, 9, [], "0 inspections"),
    ],
)
async def test_latest_inspections_by_system_and_town(  # a row of the table is an argument each
    system: str | None,
    town: str | None,
    limit: int,
    found: list[str],
    footer: str,
    database: Connection,
    outputs: Outputs,
    fresh: Settings,
    capsys: Printed,
) -> None:
    """The latest first, by when it was made; how many there are stands below."""
    told = [
        inspection("run-1", 1),
        inspection("run-2", 2, system="gas"),
        inspection("run-3", 3, town_code="110118002000", grade=None, defect=None),
    ]
    serialised = plan_bytes(plan_of(point("p"), rules=()).document)
    records = [outputs.outcome(one, 3, n) for n, one in enumerate(told)]
    await store(database, [*outputs.plan_parts(plan_id(serialised), serialised), *records])
    await show_inspections(fresh, "en", system=system, town=town, limit=limit)
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition(" ")[2] for line in map(str.strip, lines) if "run-" in line] == found
    assert lines[-1] == footer


async def test_inspection_shows_class_defect_and_place(
    database: Connection, outputs: Outputs, fresh: Settings, capsys: Printed
) -> None:
    """In words of the language, in city time, with the station's and the point's name."""
    named = (System(system="sewer", name=Bilingual(zh="排水", en="Sewer")),)
    pipe = point("pipe_class", name=Bilingual(zh="管道等级", en="pipe class"))
    plan = replace(plan_of(pipe, rules=()).document, systems=named)
    told = inspection("run-1", 1, station=plan.stations[0].station_id)
    await store(database, [*outputs.active_plan(plan), outputs.outcome(told, 3, 1)])
    await show_inspections(fresh, "zh", system=None, town=None, limit=9)
    page = capsys.readouterr().out
    for words in ("2026-01-13 19:01:00", "排水", "管道视频检测", "IV", "team-1", "管道等级", "PL4"):
        assert words in page, words
