"""Siblings of the shared small inputs: other stations, systems, values and orders of the same kinds.

Each function makes a log of its kind; what must come of it follows from JUDGING. A *spot* is a place where
one reading is enough to raise an alert that nobody may miss.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from support.field_log import MINUTE_MS, T0, Came, Device, Line

from schemas.headers import time_ms

HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
Check = Callable[[Came], None]


@dataclass(frozen=True)
class Sibling:
    """A log of the kind of a shared input (``of``), and what must come of it."""

    of: str
    name: str
    lines: list[Line]
    check: Check

    @property
    def id(self) -> str:
        """Of the test, and in the list of those that are not met yet."""
        return f"{self.of} {self.name}"


@dataclass(frozen=True)
class Spot:
    """A point of which one reading of ``bad`` raises ``rule`` at ``severity``; ``good`` raises nothing."""

    station: str
    point: str
    rule: str
    bad: float
    good: float
    severity: str = "critical"

    def device(self, **changes: Any) -> Device:
        """Something that sends its readings."""
        return Device(self.station, **changes)

    def read(self, value: float) -> Mapping[str, float]:
        """A scan of the point alone."""
        return {self.point: value}

    def raised(self, came: Came) -> list[Mapping[str, Any]]:
        """The alert that nobody may miss."""
        return list(came.raised(self.rule, self.severity, self.point))

    def is_raised(self, came: Came) -> None:
        """It came."""
        assert self.raised(came)


REGULATOR = Spot("gas-110118001-0003", "station_ch4_pct_lel", "gas.station_lel", 65.0, 2.0)
OUTLET = Spot("gas-110118001-0006", "outlet_pressure_kpa", "gas.overpressure_margin", 4.8, 2.4)
LPG = Spot("gas-110118107-0001", "station_ch4_pct_lel", "gas.station_lel", 90.0, 0.5)
CHAMBER = Spot("gas-110118001-0009", "ch4_pct_lel", "gas.chamber_lel", 55.0, 1.0)
MANHOLE = Spot("sewer-110118001-0010", "ch4_pct_lel", "sewer.ch4_chamber", 85.0, 3.0)
PUMPS = Spot("sewer-110118001-0004", "ch4_room_pct_lel", "gas.station_lel", 70.0, 0.0)
SPOTS = (REGULATOR, OUTLET, LPG, MANHOLE, PUMPS)
GPS_ROLLED_OVER = time_ms("2006-05-30T12:00:00Z")
RTC_OF_2010 = time_ms("2010-01-01T00:00:00Z")
LAST_SECOND_OF_UINT32 = time_ms("2106-02-07T06:28:15Z")


def reboots() -> Iterator[Sibling]:
    """01: a device restarts without saying so, its clock at where its clock begins."""
    begins = (0, 3_000, time_ms("1980-01-06T00:00:00Z"), time_ms("2000-01-01T00:00:10Z"), 86_400_000)
    for spot, begin in zip(SPOTS, begins, strict=True):
        device = spot.device(boot=None, seq=40_000)
        device.send(0, spot.read(spot.good))
        device.send(15, spot.read(spot.bad), stamp_ms=begin, seq=1)

        def check(came: Came, spot: Spot = spot) -> None:
            assert any(line["clock_fault"] for line in spot.raised(came))
            assert came.clock_faults

        yield Sibling("01", f"{spot.station} clock at {begin}", device.lines, check)


def far_stamps() -> Iterator[Sibling]:
    """02: one stamp far ahead, then a restart with a right clock; it never becomes a watermark."""
    aheads = (DAY_MS, 8 * HOUR_MS, 10 * 365 * DAY_MS, LAST_SECOND_OF_UINT32 - T0, 2 * MINUTE_MS)
    for spot, ahead in zip(SPOTS, aheads, strict=True):
        device = spot.device(boot=None, seq=500)
        device.send(0, spot.read(spot.good), stamp_ms=T0 + ahead)
        device.send(15, spot.read(spot.bad), seq=0)
        yield Sibling("02", f"{spot.station} {ahead} ms ahead", device.lines, spot.is_raised)


def clocks_set_back() -> Iterator[Sibling]:
    """03: a clock that goes back and stays there: an hour of daylight saving, a GPS week, an RTC of 2010."""
    fallen = {
        "one hour, told on": (15_000, T0 - HOUR_MS + 15_000),
        "ten minutes and one second": (15_000, T0 - 601_000 + 15_000),
        "GPS roll-over": (15_000, GPS_ROLLED_OVER),
        "RTC of 2010": (15_000, RTC_OF_2010),
        "a year": (15_000, T0 - 365 * DAY_MS),
    }
    for spot, (name, (arrival, stamp)) in zip(SPOTS, fallen.items(), strict=True):
        device = spot.device()
        device.send(0, spot.read(spot.good))
        for number in range(20):
            moment = number * 15_000
            device.send((arrival + moment) / 1000, spot.read(spot.bad), stamp_ms=stamp + moment)

        def check(came: Came, spot: Spot = spot) -> None:
            spot.is_raised(came)
            assert came.clock_faults
            assert not came.whole_station

        yield Sibling("03", name, device.lines, check)


def standing_clocks() -> Iterator[Sibling]:
    """03b: a clock that stands still, at the right time or at a wrong one, while numbers go on."""
    for spot, behind in zip(SPOTS, (0, HOUR_MS, -50_000, DAY_MS, 3_000), strict=True):
        device = spot.device()
        for at_s in range(0, 60, 15):
            device.send(at_s, spot.read(spot.good), stamp_ms=T0 - behind)
        device.send(60, spot.read(spot.bad), stamp_ms=T0 - behind)

        def check(came: Came, spot: Spot = spot) -> None:
            spot.is_raised(came)
            assert came.clock_faults

        yield Sibling("03b", f"{spot.station} {behind} ms behind", device.lines, check)


def odd_values() -> Iterator[Sibling]:
    """04: a value that is no number costs itself alone."""
    odd: tuple[tuple[str, Any], ...] = (
        ("flow_m3h", "12.5"),
        ("flow_m3h", True),
        ("tank_level_ratio", [0.5]),
        ("h2s_mg_m3", {"value": 3}),
        ("h2s_room_mg_m3", ""),
    )
    for spot, (code, value) in zip(SPOTS, odd, strict=True):
        device = spot.device()
        device.send(0, {**spot.read(spot.bad), code: value})

        def check(came: Came, spot: Spot = spot, code: str = code) -> None:
            spot.is_raised(came)
            assert came.rejections(code)

        yield Sibling("04", f"{code} is {value!r}", device.lines, check)


def odd_codes() -> Iterator[Sibling]:
    """04b: a code that is none of ours costs itself alone."""
    codes = ("temp °C", "x" * 65, "压力", "a/b", "")
    for spot, code in zip(SPOTS, codes, strict=True):
        device = spot.device()
        device.send(0, {code: 1.0, **spot.read(spot.bad)})

        def check(came: Came, spot: Spot = spot, code: str = code) -> None:
            spot.is_raised(came)
            assert came.rejections(code[:32])

        yield Sibling("04b", f"code {code[:16]!r}", device.lines, check)


def counters() -> Iterator[Sibling]:
    """05: counters that roll over, start again or run wild refuse nothing."""
    numbers = ((255, 0), (4_294_967_295, 0), (2**63 - 1, 1), (4_000_000_000, 17), (9_999, 9_999))
    for spot, (before, after) in zip(SPOTS, numbers, strict=True):
        device = spot.device(boot="constant")
        device.send(0, spot.read(spot.good), seq=before)
        device.send(15, spot.read(spot.bad), seq=after)
        yield Sibling("05", f"{before} then {after}", device.lines, spot.is_raised)


def unsorted_scans() -> Iterator[Sibling]:
    """06: scans of a frame in any order are judged in that of their stamps."""
    orders = ((15, 0), (30, 0, 15), (0, 30, 15), (45, 30, 15, 0), (15, 45, 0, 30))
    for spot, order in zip(SPOTS, orders, strict=True):
        device = spot.device()
        (first, *rest) = order
        values = {at: spot.read(spot.bad if at == 0 else spot.good) for at in order}
        more = [(T0 + at * 1000, values[at]) for at in rest]
        device.send(max(order), values[first], stamp_ms=T0 + first * 1000, more=more)

        def check(came: Came, spot: Spot = spot) -> None:
            assert [line["at"] for line in spot.raised(came)] == [T0]

        yield Sibling("06", f"{spot.station} order {order}", device.lines, check)


@dataclass(frozen=True)
class Slow:
    """A point whose rule needs time or several readings: ``bad`` raises at least ``severity``."""

    station: str
    point: str
    rule: str
    severity: str
    bad: float
    good: float
    every_s: int
    """Its interval."""


SLOW = (
    Slow("sewer-110118001-0002", "o2_room_pct", "sewer.o2_room", "major", 16.0, 20.9, 60),
    Slow("gas-110118002-0001", "co_room_mg_m3", "gas.co_room", "major", 60.0, 1.0, 60),
    Slow("sewer-110118001-0029", "ponding_cm", "road.ponding", "critical", 55.0, 0.0, 60),
    Slow("water-110118001-0012", "pressure_mpa", "water.end_pressure", "major", 0.08, 0.3, 300),
    Slow("heat-110118001-0029", "room_02_c", "heat.room_temperature", "warn", 12.0, 21.0, 900),
)
SPARSE = 4
"""One scan in so many arrives."""


def sparse(slow: Slow, device: Device, begin_s: float, values: list[float], each: int = SPARSE) -> float:
    """Readings of which most are lost, with a second more each, so that gaps pass the third interval."""
    for value in values:
        device.send(begin_s, {slow.point: value})
        begin_s += each * slow.every_s + 1
    return begin_s


def sparse_raises() -> Iterator[Sibling]:
    """07: readings that agree last across what is lost between them."""
    for slow in SLOW:
        device = Device(slow.station)
        sparse(slow, device, 0, [slow.bad] * 20)

        def check(came: Came, slow: Slow = slow) -> None:
            assert came.raised(slow.rule, slow.severity, slow.point)

        yield Sibling("07", f"{slow.station} {slow.point}", device.lines, check)


def sparse_clears() -> Iterator[Sibling]:
    """07b: so do those that say that it is over."""
    for slow in SLOW:
        device = Device(slow.station)
        then = sparse(slow, device, 0, [slow.bad] * 16, each=1)
        sparse(slow, device, then, [slow.good] * 40)

        def check(came: Came, slow: Slow = slow) -> None:
            assert came.raised(slow.rule, slow.severity, slow.point)
            assert came.cleared(slow.rule, slow.point)

        yield Sibling("07b", f"{slow.station} {slow.point}", device.lines, check)


@dataclass(frozen=True)
class Ratio:
    """A station whose make-up water is compared with what circulates."""

    station: str
    whole: str
    point: str
    rule: str
    worst: str


SOURCES = [
    Ratio(f"heat-{number}-0001", "flow_t_h", "makeup_pct", "heat.pri_makeup", "critical")
    for number in ("110118003", "110118101")
]
EXCHANGERS = [
    Ratio(station, "secondary_flow_t_h", "secondary_makeup_pct", "heat.sec_makeup", "major")
    for station in ("heat-110118001-0010", "heat-110118001-0004", "heat-110118001-0020")
]


def ratios_beyond() -> Iterator[Sibling]:
    """08: a ratio beyond its range counts as its end: worse than the scale is no reason for silence."""
    flows = ((60.0, 50.0), (99.0, 98.0), (20.0, 19.0), (18.0, 12.0), (19.5, 10.5))
    for ratio, (part, whole) in zip((*SOURCES, *EXCHANGERS), flows, strict=True):
        device = Device(ratio.station)
        for minute in range(150):
            device.send(minute * 60, {"makeup_t_h": part, ratio.whole: whole})

        def check(came: Came, ratio: Ratio = ratio) -> None:
            assert came.raised(ratio.rule, ratio.worst, ratio.point)
            assert not came.transitions("any.quality", ratio.point)

        yield Sibling("08", f"{ratio.station} {100 * part / whole:.0f} %", device.lines, check)


def ratios_of_nothing() -> Iterator[Sibling]:
    """08b: a ratio of nothing, or of less than 1 % of the range, cannot be computed: bad, and said so."""
    wholes = (0.0, 20.0, 0.0, 5.0, 9.9)
    for ratio, whole in zip((*SOURCES, *EXCHANGERS), wholes, strict=True):
        device = Device(ratio.station)
        for minute in range(150):
            device.send(minute * 60, {"makeup_t_h": 10.0, ratio.whole: whole})

        def check(came: Came, ratio: Ratio = ratio) -> None:
            assert came.raised(ratio.rule, ratio.worst, ratio.point) or came.transitions(
                "any.quality", ratio.point, ("raised",)
            )
            assert not came.cleared(ratio.rule, ratio.point)

        yield Sibling("08b", f"{ratio.station} of {whole}", device.lines, check)


def drifts() -> Iterator[Sibling]:
    """09: a little below zero is zero: it clears, and is no fault of the instrument."""
    drifting = (
        (Slow("gas-110118107-0001", "station_ch4_pct_lel", "gas.station_lel", "major", 30, -3.0, 15)),
        (Slow("sewer-110118001-0003", "h2s_room_mg_m3", "sewer.h2s_room", "major", 30, -4.0, 60)),
        (Slow("gas-110118002-0001", "co_room_mg_m3", "gas.co_room", "major", 50, -10.0, 60)),
        (Slow("sewer-110118001-0030", "ponding_cm", "road.ponding", "warn", 20, -2.0, 60)),
        (Slow("sewer-110118001-0010", "level_ratio", "sewer.level_ratio", "notice", 0.9, -0.01, 300)),
    )
    for slow in drifting:
        device = Device(slow.station)
        then = sparse(slow, device, 0, [slow.bad] * 4, each=1)
        sparse(slow, device, then, [slow.good] * 60, each=1)

        def check(came: Came, slow: Slow = slow) -> None:
            assert came.raised(slow.rule, slow.severity, slow.point)
            assert came.cleared(slow.rule, slow.point)
            assert not came.transitions("any.quality", slow.point)

        yield Sibling("09", f"{slow.point} {slow.good}", device.lines, check)


def float32(value: float) -> float:
    """What a device makes of a number that it keeps in 32 bits."""
    (kept,) = struct.unpack("f", struct.pack("f", value))
    return float(kept)


def steady(station: str, point: str, value: float, *, every_s: int, times: int) -> list[Line]:
    """The same reading again and again."""
    device = Device(station)
    for number in range(times):
        device.send(number * every_s, {point: value})
    return device.lines


def on_limits() -> Iterator[Sibling]:
    """10: what stands on a limit meets it, whatever binary numbers make of the percentage."""
    rows = (
        ("water-110118001-0016", "pressure_mpa", 0.345, "water.high_pressure", "notice", 300),
        ("water-110118001-0001", "outlet_pressure_mpa", 0.546, "water.high_pressure", "warn", 60),
        ("gas-110118001-0003", "outlet_pressure_kpa", 2.76, "gas.lp_outlet_deviation", "warn", 15),
        ("heat-110118002-0001", "supply_pressure_mpa", 1.44, "heat.pri_supply_pressure", "warn", 15),
        ("light-110118001-0005", "voltage_b_v", float32(235.4), "light.voltage", "notice", 300),
    )
    for station, point, value, rule, severity, every_s in rows:

        def check(came: Came, rule: str = rule, severity: str = severity, point: str = point) -> None:
            (raised,) = came.raised(rule, severity, point)
            assert raised["severity"] == severity

        lines = steady(station, point, value, every_s=every_s, times=12)
        yield Sibling("10", f"{point} {value}", lines, check)


def just_on_limits() -> Iterator[Sibling]:
    """10b: 32 bits of a limit are the limit, not below it; percentages that are not below, either."""
    rows = (
        ("heat-110118001-0010", "primary_return_pressure_mpa", float32(0.08), 15),
        ("gas-110118001-0064", "potential_v_cse", float32(-1.2), 3600),
        ("gas-110118001-0006", "outlet_pressure_kpa", float32(2.4 * 0.85), 15),
        ("sewer-110118001-0004", "o2_room_pct", float32(19.5) - 1e-6, 60),
        ("water-110118001-0014", "pressure_mpa", float32(0.16), 300),
    )
    for station, point, value, every_s in rows:

        def check(came: Came, point: str = point) -> None:
            assert came.about(point) == []

        lines = steady(station, point, value, every_s=every_s, times=12)
        yield Sibling("10b", f"{point} {value}", lines, check)


def dead_quick_sensors() -> Iterator[Sibling]:
    """11: quick sensors that are dead are no silent station, as long as slow ones report."""
    rows = (
        ("gas-110118001-0005", {"flow_m3h": 120.0}, 60),
        ("gas-110118107-0001", {"tank_level_ratio": 0.5, "tank_pressure_mpa": 0.9}, 60),
        ("weather-110118001-0001", {"air_temperature_c": -4.0, "wind_m_s": 2.0}, 300),
        ("heat-110118002-0001", {"supply_temperature_c": 95.0, "return_temperature_c": 50.0}, 60),
        ("water-110118001-0001", {"turbidity_ntu": 0.3, "chlorine_mg_l": 0.6}, 300),
    )
    for station, values, every_s in rows:
        device = Device(station)
        for number in range(3_600 // every_s):
            device.send(number * every_s, values)

        def check(came: Came) -> None:
            while_heard = [line for line in came.whole_station if line["at"] <= came.last]
            assert while_heard == []
            assert came.transitions("any.no_data")

        yield Sibling("11", station, device.lines, check)


def live_first() -> Iterator[Sibling]:
    """14b: whatever order frames of a restart come in, each reading is new and is taken."""
    orders = ((1, 0), (3, 0, 1, 2), (2, 1, 0), (9, 4, 5, 6, 7, 8), (1, 2, 0))
    for spot, order in zip(SPOTS, orders, strict=True):
        device = spot.device()
        for place, number in enumerate(order):
            device.send(150 + place, spot.read(spot.good), stamp_ms=T0 + number * 15_000, seq=number)

        def check(came: Came) -> None:
            assert came.rejections() == []

        yield Sibling("14b", f"{spot.station} order {order}", device.lines, check)


KINDS = (
    *(reboots, far_stamps, clocks_set_back, standing_clocks, odd_values, odd_codes, counters),
    *(unsorted_scans, sparse_raises, sparse_clears, ratios_beyond, ratios_of_nothing, drifts),
    *(on_limits, just_on_limits, dead_quick_sensors, live_first),
)


def siblings() -> list[Sibling]:
    """All of them."""
    return [sibling for kind in KINDS for sibling in kind()]
