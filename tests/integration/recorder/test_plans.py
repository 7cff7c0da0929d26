"""Plans are put together from their parts; the active one is what the last activations say."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.engine_log import above, plan_of, point, rule
from support.output_records import BUCKET, Output, Outputs, changed

from schemas.base import Bilingual, Severity
from schemas.outcomes import PlanActivated
from schemas.outputs import decode
from schemas.plan import KeyUser, Link, Plan, Ratio, Valve, plan_bytes, plan_id
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection
from services.runtime.settings import Settings

PLAN = plan_of(
    point("ch4", "gas.high"), point("h2s"), rules=(rule("gas.high", above(Severity.WARN, 20.0)),)
).document


def renamed(name: str) -> Plan:
    """The same city, its station called otherwise."""
    station = replace(PLAN.stations[0], name=Bilingual(zh=name, en=name))
    return replace(PLAN, stations=(station,))


async def store(connection: Connection, records: Sequence[Output]) -> None:
    await store_bisecting(connection, [decode(record) for record in records])


def activation(outputs: Outputs, plan: Plan, *, partition: int = 0, at: int = BUCKET) -> Output:
    """A partition is judged by ``plan`` from ``at`` on."""
    told = PlanActivated(plan=plan_id(plan_bytes(plan)), partition=partition, actor="publisher", at=at)
    return outputs.outcome(told, partition, at % 100_000)


def parts(outputs: Outputs, plan: Plan, size: int = 300) -> list[Output]:
    """The plan in small slices."""
    serialised = plan_bytes(plan)
    found = outputs.plan_parts(plan_id(serialised), serialised, size)
    assert len(found) > 3
    return found


async def station_name(connection: Connection) -> str:
    name = await connection.fetchval("SELECT name FROM stations")
    return str(name["zh"])


@pytest.fixture
def outputs(fresh: Settings) -> Outputs:
    return Outputs(fresh.namespace)


async def test_complete_plan_fills_stations_and_points(database: Connection, outputs: Outputs) -> None:
    """Nothing before the last part, then everything; a plan that nobody activated is not active."""
    slices = parts(outputs, PLAN)
    await store(database, slices[:-1])
    assert await database.fetchval("SELECT count(*) FROM plans") == 0
    await store(database, slices[-1:])
    row = await database.fetchrow("SELECT plan_id, active, stations, points, document FROM plans")
    assert row is not None
    assert (row["plan_id"], row["active"]) == (plan_id(plan_bytes(PLAN)), False)
    assert (row["stations"], row["points"]) == (1, 2)
    assert row["document"]["district_code"] == PLAN.district_code
    found = await database.fetch("SELECT point, rules FROM points ORDER BY point")
    assert [tuple(row) for row in found] == [("ch4", ["gas.high"]), ("h2s", [])]
    assert await station_name(database) == PLAN.stations[0].name.zh
    assert await database.fetchval("SELECT count(*) FROM plan_parts") == 0


async def test_parts_in_any_order_and_again(database: Connection, outputs: Outputs) -> None:
    """Parts that come in reverse and twice make the same plan, once."""
    slices = parts(outputs, PLAN)
    await store(database, slices[::-1])
    await store(database, [outputs.again(part) for part in slices])
    assert await database.fetchval("SELECT count(*) FROM plans") == 1


async def test_parts_that_are_not_the_plan_are_not_taken(database: Connection, outputs: Outputs) -> None:
    """Bytes whose sha256 is another than their name make no plan; the right ones still do."""
    slices = parts(outputs, PLAN)
    forged = changed(slices[1], value=b"x" + (slices[1].value or b"")[1:])
    await store(database, [slices[0], forged, *slices[2:]])
    assert await database.fetchval("SELECT count(*) FROM plans") == 0
    await store(database, [outputs.again(part) for part in slices])
    assert await database.fetchval("SELECT count(*) FROM plans") == 1


async def test_parts_that_contradict_each_other_hide_no_plan(database: Connection, outputs: Outputs) -> None:
    """Other bytes under a key that is taken, and parts that say another number, are not the plan's."""
    slices = parts(outputs, PLAN)
    number, sha = len(slices), plan_id(plan_bytes(PLAN))
    keys = (f"0/{number}", f"0/{number + 1}", f"{number}/{number + 1}", "1023/1024")
    forged = [changed(outputs.again(slices[0]), key=f"{sha}:{key}".encode(), value=b"junk") for key in keys]
    await store(database, [*slices[:2], *forged, *slices[2:]])
    assert await database.fetchval("SELECT plan_id FROM plans") == sha
    assert await station_name(database) == PLAN.stations[0].name.zh


async def test_activation_decides_which_plan_is_shown(database: Connection, outputs: Outputs) -> None:
    """A published plan changes nothing until it is activated; then its stations are what is shown."""
    old, new = renamed("旧"), renamed("新")
    await store(database, [*parts(outputs, old), activation(outputs, old)])
    await store(database, parts(outputs, new))
    assert await station_name(database) == "旧"
    await store(database, [activation(outputs, new, at=BUCKET + 1_000)])
    assert await station_name(database) == "新"
    active = await database.fetch("SELECT plan_id FROM plans WHERE active")
    assert [row["plan_id"] for row in active] == [plan_id(plan_bytes(new))]


async def test_activation_may_come_before_the_plan(database: Connection, outputs: Outputs) -> None:
    """Topics are read side by side: the order between them does not matter."""
    await store(database, [activation(outputs, PLAN)])
    await store(database, parts(outputs, PLAN))
    assert await database.fetchval("SELECT active FROM plans") is True


async def test_repeated_old_activation_changes_nothing(database: Connection, outputs: Outputs) -> None:
    """What the monitor sends again after a crash does not bring an old plan back."""
    old, new = renamed("旧"), renamed("新")
    first = activation(outputs, old)
    await store(database, [*parts(outputs, old), *parts(outputs, new), first])
    await store(database, [activation(outputs, new, at=BUCKET + 1_000), outputs.again(first)])
    await store(database, [outputs.again(first)])
    assert await station_name(database) == "新"
    active = await database.fetch("SELECT plan_id FROM plans WHERE active")
    assert [row["plan_id"] for row in active] == [plan_id(plan_bytes(new))]
    assert await database.fetchval("SELECT count(*) FROM audit WHERE action = 'activate_plan'") == 2


def whole() -> Plan:
    """A station with everything that may be said of it, and what hangs on it."""
    words = Bilingual(zh="鼓楼东大街12号", en="12 Gulou East St")
    points = (
        point(
            "pump_state", states={0: Bilingual(zh="停", en="stopped"), 1: Bilingual(zh="运行", en="running")}
        ),
        point("ch4", calibration_due=BUCKET),
        point("share", computed=Ratio(part="ch4", whole="h2s")),
    )
    station = replace(
        PLAN.stations[0], points=points, address=words, landmark=words, duty_phone="010-1", access_note=words,
        protection_zone=True, traits=("carriageway",), road="r-1", serves_people=900, serves_m2=12.5,
    )  # fmt: skip
    place = {"town_code": "110118001000", "name": words, "lat": 40.37, "lon": 116.83}
    return replace(
        PLAN,
        stations=(station,),
        valves=(Valve(valve_id="v-1", kind="valve", system="gas", **place),),  # type: ignore[arg-type]
        key_users=(KeyUser(user_id="u-1", kind="hospital", **place),),  # type: ignore[arg-type]
        links=(
            Link(kind="feeds", origin="s-1", target="u-1", valve="v-1"),
            Link(kind="beside", origin="s-1", target="s-2"),
        ),
    )


async def test_everything_told_of_a_station_has_its_column(database: Connection, outputs: Outputs) -> None:
    """Where it is, how to get in, whom to call, whom it serves."""
    await store(database, parts(outputs, whole()))
    row = await database.fetchrow("SELECT * FROM stations")
    assert row is not None
    for column in ("address", "landmark", "access_note"):
        assert row[column] == {"zh": "鼓楼东大街12号", "en": "12 Gulou East St"}, column
    told = [row[c] for c in ("duty_phone", "protection_zone", "traits", "road", "serves_people", "serves_m2")]
    assert told == ["010-1", True, ["carriageway"], "r-1", 900, 12.5]


async def test_what_is_not_told_of_a_station_is_null(database: Connection, outputs: Outputs) -> None:
    """Absent in the plan is absent in the table, never an empty word."""
    await store(database, parts(outputs, PLAN))
    row = await database.fetchrow(
        "SELECT address, duty_phone, protection_zone, traits, serves_m2 FROM stations"
    )
    assert row is not None
    assert tuple(row) == (None, None, False, [], None)


async def test_points_say_their_states_and_who_makes_them(database: Connection, outputs: Outputs) -> None:
    """Words of states, computed or not, and from when on the calibration is overdue."""
    await store(database, parts(outputs, whole()))
    rows = {row["point"]: row for row in await database.fetch("SELECT * FROM points")}
    assert rows["pump_state"]["states"]["1"] == {"zh": "运行", "en": "running"}
    assert {code: row["computed"] for code, row in rows.items()} == {
        "pump_state": False,
        "ch4": False,
        "share": True,
    }
    assert rows["ch4"]["calibration_due"].timestamp() * 1000 == BUCKET
    assert rows["share"]["calibration_due"] is None


async def test_links_are_those_of_the_current_plan(database: Connection, outputs: Outputs) -> None:
    """What feeds what follows the plan; valves and key users that left keep their names."""
    city = whole()
    await store(database, [*parts(outputs, city), activation(outputs, city)])
    assert await links(database) == [("beside", "s-1", "s-2", None), ("feeds", "s-1", "u-1", "v-1")]
    later = replace(
        city, links=(replace(city.links[1], origin="s-3"), city.links[1]), valves=(), key_users=()
    )
    await store(database, [*parts(outputs, later), activation(outputs, later, at=BUCKET + 1_000)])
    assert await links(database) == [("beside", "s-1", "s-2", None), ("beside", "s-3", "s-2", None)]
    assert await database.fetchval("SELECT name ->> 'en' FROM valves") == "12 Gulou East St"
    assert await database.fetchval("SELECT kind FROM key_users") == "hospital"


async def test_activation_of_a_plan_that_is_not_stored_leaves_the_links(
    database: Connection, outputs: Outputs
) -> None:
    """They stay until the new plan is known."""
    city = whole()
    await store(database, [*parts(outputs, city), activation(outputs, city)])
    await store(database, [activation(outputs, renamed("later"), at=BUCKET + 1_000)])
    assert len(await links(database)) == 2


async def links(connection: Connection) -> list[tuple[object, ...]]:
    """All of them."""
    return [tuple(row) for row in await connection.fetch("SELECT * FROM links ORDER BY kind, origin")]
