"""``miyun coverage --instruments``: which instruments, clocks and sources misbehave, and how."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.output_records import BUCKET, EPOCH, MINUTE, Outputs
from support.programs import Miyun
from support.shown_alerts import alert
from support.simulated_city import small_plan
from support.stored import schema_of

from schemas.outcomes import Finding
from schemas.outputs import OutputRecord, decode
from services.cli.shown.instruments import Instruments, as_document, look
from services.cli.shown.instruments_page import InstrumentTable, show
from services.recorder.store import store_bisecting
from services.runtime.postgres import Connection
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

HOUR = 60 * MINUTE
PLACE, OTHER = "gas_regulator-1", "gas_chamber-1"


class Stored:
    """The tables as the recorder fills them."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self.outputs = Outputs(settings.namespace)
        self._connection = connection

    async def store(self, *records: OutputRecord) -> None:
        """As the recorder does."""
        await store_bisecting(self._connection, [decode(record) for record in records])

    async def reach(self, at: int) -> None:
        """The city's time is so late."""
        await self._connection.execute(
            "INSERT INTO consumer_offsets (topic, partition, epoch, next_offset, last_ce_id, city_at)"
            " VALUES ('alerts', 0, $1, 1, '', $2)",
            EPOCH,
            datetime.fromtimestamp(at / 1000, UTC),
        )

    async def alert(
        self, rule: str, station: str, point: str, *, begun: int, over: int | None = None
    ) -> None:
        """An alert of a rule, from hour to hour."""
        at = BUCKET + begun * HOUR
        made = replace(
            alert(f"{rule}-{station}-{point}-{begun}"), rule_id=rule, station_id=station, point=point,
            raised_at=at, cleared_at=None if over is None else BUCKET + over * HOUR, flapping=2,
        )  # fmt: skip
        await self.store(self.outputs.alert(made))

    async def reject(self, reason: str, offset: int, *, hour: int = 0, detail: str = "ch4 at 7") -> None:
        """A rejection of a frame of ``PLACE``."""
        told = {
            "reason": reason,
            "detail": detail,
            "station": PLACE,
            "rejected_at": f"{BUCKET + hour * HOUR}",
        }
        await self.store(self.outputs.reject(b"{}", offset=offset, **told))


@pytest.fixture
async def stored(settings: Settings) -> AsyncIterator[Stored]:
    """A small city's plan is active, and nothing has come yet."""
    async with schema_of(settings) as connection:
        made = Stored(connection, settings)
        await made.store(*made.outputs.active_plan(small_plan()))
        yield made


def ways(found: Instruments) -> list[tuple[str, str | None, str | None, str | None, int, bool]]:
    """What, where, whose, how often and whether it goes on."""
    return [
        (one["how"], one["station_id"], one["point"], one["source"], one["times"], one["last"] is None)
        for one in found.found
    ]


async def test_alerts_of_instruments_say_how_often_and_whether_they_go_on(
    stored: Stored, settings: Settings
) -> None:
    """Those of a channel are one; what ended more than a day ago, and a danger, is none."""
    await stored.reach(BUCKET + 48 * HOUR)
    await stored.alert("any.clock_fault", PLACE, "clock_error_s", begun=2, over=3)
    await stored.alert("any.clock_fault", PLACE, "clock_error_s", begun=40, over=41)
    await stored.alert("any.clock_fault", PLACE, "clock_error_s", begun=45)
    await stored.alert("any.quality", PLACE, "flow_m3h", begun=30, over=31)
    await stored.alert("any.no_data", OTHER, "station", begun=1)
    await stored.alert("gas.chamber_lel", OTHER, "ch4_pct_lel", begun=40)
    found = await look(settings)
    assert ways(found) == [
        ("any.clock_fault", PLACE, "clock_error_s", None, 6, True),
        ("any.no_data", OTHER, None, None, 3, True),
        ("any.quality", PLACE, "flow_m3h", None, 3, False),
    ]
    assert found.stations == 2


async def test_rejects_of_instruments_are_counted_by_reason_and_source(
    stored: Stored, settings: Settings
) -> None:
    """Of the last day; what people sent is none of an instrument's."""
    await stored.reach(BUCKET + 25 * HOUR)
    for number, (reason, hour) in enumerate(
        [("conflicting_scan", 2), ("conflicting_scan", 3), ("odd_value", 0), ("bad_signature", 3)]
    ):
        await stored.reject(reason, number + 1, hour=hour)
    found = await look(settings)
    assert ways(found) == [("conflicting_scan", PLACE, None, "gw-03", 2, False)]
    assert found.found[0]["since"] == datetime.fromtimestamp((BUCKET + 2 * HOUR) / 1000, UTC)
    assert found.found[0]["station_name"] is not None


async def test_findings_about_stations_are_told(stored: Stored, settings: Settings) -> None:
    """And those about partitions are not: no instrument is at fault."""
    await stored.reach(BUCKET + HOUR)
    for number, station in enumerate((PLACE, None)):
        noted = Finding(
            kind="engine_failure", partition=3, offset=number, station=station, detail="why", at=BUCKET
        )
        await stored.store(stored.outputs.outcome(noted, 3, 20 + number))
    assert ways(await look(settings)) == [("engine_failure", PLACE, None, None, 1, False)]


async def test_page_tells_each_way_with_its_remedy(
    stored: Stored, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """What may hide a danger first; in both languages; a long list is cut and says so."""
    await stored.reach(BUCKET + HOUR)
    await stored.alert("any.clock_fault", PLACE, "clock_error_s", begun=0)
    for number, point in enumerate(("ch4 at 7", "co at 8")):
        await stored.reject("duplicate_scan", number + 1, detail=point)
    await stored.alert("any.quality", PLACE, "flow_m3h", begun=0)
    await stored.alert("any.quality", PLACE, "temperature_c", begun=0)
    found = await look(settings)
    show(InstrumentTable(instruments=found, language="en", limit=1))
    page = capsys.readouterr().out
    parts = page.split("\n\n")
    assert parts[0].startswith(
        "instruments, clocks and sources that misbehave at 1 stations, since 2026-01-12 20:00"
    )
    assert [part.split("\n")[0].strip() for part in parts[1:]] == [
        "wrong device clock (any.clock_fault): 1",
        "readings of no use (any.quality): 2",
        "repeated scan (duplicate_scan): 1",
    ]
    assert all("\n-> " in part for part in parts[1:])
    assert "goes on" in parts[1]
    assert "... and 1 more (--limit)" in parts[2]
    show(InstrumentTable(instruments=found, language="zh", limit=20))
    assert "设备时钟错误 (any.clock_fault)" in capsys.readouterr().out


async def test_json_holds_everything(stored: Stored, settings: Settings) -> None:
    """One object, whatever the limit."""
    await stored.reach(BUCKET + HOUR)
    await stored.reject("odd_value", 1, detail="ch4_pct_lel: 'NaN'")
    document = as_document(await look(settings))
    (one,) = document["instruments"]
    assert (document["stations"], one["how"], one["words"]["en"]) == (1, "odd_value", "ch4_pct_lel: 'NaN'")


async def test_a_city_that_behaves_says_so(
    stored: Stored, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """And until when it was looked at."""
    await stored.reach(BUCKET + HOUR)
    show(InstrumentTable(instruments=await look(settings), language="en", limit=20))
    assert "no instrument, clock or source has misbehaved since 2026-01-12" in capsys.readouterr().out


@pytest.mark.usefixtures("stored")
async def test_nothing_stored_says_what_to_do(settings: Settings) -> None:
    """The city's time is not known."""
    with pytest.raises(StopProcessError, match="miyun rules publish"):
        await look(settings)


@pytest.fixture
async def wrong_clock(stored: Stored) -> None:
    """One clock is wrong."""
    await stored.reach(BUCKET + HOUR)
    await stored.alert("any.clock_fault", PLACE, "clock_error_s", begun=0)


@pytest.mark.usefixtures("wrong_clock")
def test_command_line_prints_a_page_and_an_object(miyun: Miyun, installed_miyun: Miyun) -> None:
    """As a person calls it."""
    page = installed_miyun("coverage", "--instruments", "--lang", "en")
    assert page.returncode == 0, page.stderr
    assert "wrong device clock" in page.stdout
    told = json.loads(miyun("coverage", "--instruments", "--json").stdout)
    assert [one["how"] for one in told["instruments"]] == ["any.clock_fault"]
