"""Records of the golden log that no device in order sends: hostile, broken, late, repeated, misplaced."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from support.engine_log import MINUTE, SECOND
from support.golden_people import Act, Log
from support.monitor_city import Sent, event

from schemas.events import MAX_EVENT_BYTES
from schemas.headers import ce_headers
from schemas.topics import partition_of

STATION = "gas-110118001-0004"
PIPE = "sewer-110118001-0006"
HOUR = 60 * MINUTE
CABINET = "light-110118001-0001"
CROWDED = "water-110118001-0009"
"""In its partition most records of a minute are refused."""


def odd_records() -> list[tuple[float, Act]]:
    """What comes in between, by minutes after the log's begin."""
    return [
        (8.0, undecodable),
        (9.0, misplaced),
        (14.0, odd_values),
        (15.0, wrong_clocks),
        (16.0, repeats),
        (17.0, odd_contents),
        (18.0, two_devices),
        (21.0, inspections),
        (24.0, exact_limits),
        (28.0, nothing_judges_them),
        (64.2, many_refused),
        (111.0, undecodable),
        (112.0, odd_values),
    ]


def frame(at: int, values: dict[str, Any], *, station: str = STATION, **changes: Any) -> Sent:
    """A frame of one scan, of a gateway of its own."""
    body = {
        "station": station,
        "source": "gw-odd",
        "boot": "b1",
        "seq": at % 1_000_000_000,
        "sent_at": at,
        "nature": "exercise",
        "scans": [{"at": at, "values": values}],
        **changes,
    }
    return event("telemetry", station, partition_of(station), json.dumps(body).encode(), at)


def undecodable(_: Log, at: int) -> Iterator[Sent]:
    """No event can be made of them."""
    good = frame(at, {"flow_m3h": 100.0})
    value = good.value or b""
    yield replace(good, key=None)
    yield replace(good, value=None)
    yield replace(good, value=b"")
    yield replace(good, value=b"\xff\x00{")
    yield replace(good, value=value[:-1])
    yield replace(good, value=value.replace(b'"b1"', b'"b 1"'))
    yield replace(good, value=value.replace(b'"scans"', b'"scan"'))
    yield replace(good, value=b"x" * (MAX_EVENT_BYTES + 1))
    yield replace(good, headers=ce_headers("spell", "t", f"spell-{at}", at))
    yield replace(good, headers=[("ce_id", f"bare-{at}".encode())])
    yield replace(good, headers=ce_headers("telemetry", "t", f"timeless-{at}"))
    yield replace(good, headers=[*ce_headers("telemetry", "t", f"dated-{at}"), ("ce_time", b"2026-01-13")])


def misplaced(_: Log, at: int) -> Iterator[Sent]:
    """Of nowhere, or elsewhere."""
    good = frame(at, {"flow_m3h": 100.0})
    yield replace(good, key=b"another")
    yield replace(good, partition=(good.partition + 1) % 16)
    yield frame(at, {"flow_m3h": 1.0}, station="nowhere-1")
    yield frame(at, {"reject_share_pct": 1.0}, station="_p3")


def odd_values(_: Log, at: int) -> Iterator[Sent]:
    """Values of no use beside good ones, points that are not the device's, qualities of all sorts."""
    odd = {"flow_m3h": float("nan"), "outlet_pressure_kpa": 2.4, "temperature_c": float("inf")}
    yield frame(at, odd)
    yield frame(at + 1, {"flow_m3h": 1e9, "outlet_pressure_kpa": 2.41, "inlet_pressure_mpa": -1})
    yield frame(
        at + 2, {"flow_m3h": None, "wind_m_s": 3.0, "clock_error_s": 1.0, "x_1": 1, "x_2": 2, "x_3": 3}
    )
    yield frame(at + 3, {f"x_{number}": 1 for number in range(9)})
    for number, quality in enumerate(("good", "uncertain", "bad", "substituted"), start=1):
        moment = at + number * SECOND
        values = {"flow_m3h": 120.0 + number, "outlet_pressure_kpa": 2.4}
        scan = {"at": moment, "values": values, "quality": {"flow_m3h": quality}}
        yield frame(moment, {}, scans=[scan])


def wrong_clocks(_: Log, at: int) -> Iterator[Sent]:
    """Eight hours ahead, of 1970, of 2000, an hour ahead; life safety among it is judged all the same."""
    for number, told in enumerate((at + 8 * HOUR, 24 * HOUR, 946_700_000_000, at + HOUR)):
        values = {"flow_m3h": 100.0, "station_ch4_pct_lel": 12.0 + number}
        sent = frame(at + number, {}, sent_at=told, scans=[{"at": told, "values": values}])
        yield sent


def repeats(_: Log, at: int) -> Iterator[Sent]:
    """A frame twice, a scan twice, a late one, numbers that go back with a new boot, or with none."""
    first = _again(at, 101.0, seq=2_000_000_000)
    yield first
    yield first
    yield _again(at, 101.0, seq=2_000_000_001)
    yield _again(at - 30 * SECOND, 99.0, seq=2_000_000_005)
    yield _again(at + 1, 102.0, seq=2_000_000_003)
    yield _again(at + 2, 103.0, seq=0, boot="b2")
    yield _again(at + 3, 104.0, seq=7, boot=None)
    yield _again(at + 4, 105.0, seq=0, boot=None)


def _again(at: int, flow: float, **changes: Any) -> Sent:
    return frame(at, {"flow_m3h": flow}, source="gw-again", **changes)


def exact_limits(_: Log, at: int) -> Iterator[Sent]:
    """On the limit is above a high one and not below a low one; back on the value to clear is not over."""
    for number, value in enumerate((10.0, 10.0, 7.0, 25.0, 25.0, 22.0)):
        yield frame(at + number, {"station_ch4_pct_lel": value})
    for number, volts in enumerate((198.0, 198.0, 187.0, 187.0, 189.0)):
        yield frame(at + number, {"voltage_b_v": volts}, station=CABINET)
    for number, volts in enumerate((180.0, 180.0, 270.0, 270.0)):
        yield frame(at + (10 + number) * SECOND, {"voltage_b_v": volts}, station=CABINET)


def odd_contents(_: Log, at: int) -> Iterator[Sent]:
    """Texts among values, counters that are none, states that are none; the rest of the frame is judged."""
    yield frame(at, {"flow_m3h": "12.5", "outlet_pressure_kpa": 2.4, "温度": 21.5}, seq="x")
    yield frame(at + 1, {"shutoff_valve": 0.5, "flow_m3h": 101.0})
    again = frame(
        at + 2, {"flow_m3h": 102.0}, sent_at=5_000, scans=[{"at": 5_000, "values": {"flow_m3h": 1.0}}]
    )
    yield again
    yield again


def two_devices(_: Log, at: int) -> Iterator[Sent]:
    """Under one id: other values at the same times, and what is older than a day."""
    yield frame(at, {"station_ch4_pct_lel": 1.0, "flow_m3h": 100.0}, source="gw-one")
    yield frame(at, {"station_ch4_pct_lel": 60.0, "flow_m3h": 110.0}, source="gw-two")
    yield frame(at + SECOND, {}, scans=[{"at": at - 25 * HOUR, "values": {"flow_m3h": 90.0}}])


def inspections(_: Log, at: int) -> Iterator[Sent]:
    """Of every class, with defects; again, late, of the future, of a point that nobody inspects."""
    found = [("I", None), ("II", "CJ2"), ("IV", "PL4"), ("III", "CK3"), ("I", None), (None, None)]
    for number, (grade, defect) in enumerate(found):
        yield inspection(at + number * SECOND, grade=grade, defect=defect)
    yield inspection(at + 4 * SECOND, grade="IV", inspection_id="again", arrival=at + 7 * SECOND)
    yield inspection(at - HOUR, grade="IV", arrival=at + 8 * SECOND)
    yield inspection(at + HOUR, grade="IV", arrival=at + 9 * SECOND)
    yield inspection(at + 10 * SECOND, grade="IV", point="level_ratio")
    yield inspection(at + 11 * SECOND, point=None, kind="patrol", note="井盖完好")
    yield inspection(at + 12 * SECOND, station="nowhere-1")


def inspection(at: int, *, station: str = PIPE, arrival: int = 0, **changes: Any) -> Sent:
    """What a camera saw."""
    body = {
        "station": station,
        "inspection_id": f"cctv-{at}",
        "kind": "cctv",
        "point": "pipe_class",
        "at": at,
        "inspector": "cctv-team-2",
        **changes,
    }
    value = json.dumps(body, ensure_ascii=False).encode()
    return event("inspection", station, partition_of(station), value, arrival or at)


def nothing_judges_them(_: Log, at: int) -> Iterator[Sent]:
    """Kinds of events for which there is no judge yet."""
    bodies = {
        "report": {"report_id": "r-1", "at": at, "category": "smell", "text": "有异味"},
        "derived": {"member": PIPE, "at": at, "facts": {"a": 1.0}, "hmac": "00"},
        "context": {"origin": PIPE, "at": at, "facts": {"a": True}, "hmac": "00"},
    }
    for kind, body in bodies.items():
        value = json.dumps({"station": STATION, **body}, ensure_ascii=False).encode()
        yield event(kind, STATION, partition_of(STATION), value, at)


def many_refused(_: Log, at: int) -> Iterator[Sent]:
    """So many that the monitor says so itself."""
    for number in range(45):
        yield replace(frame(at + number, {}, station=CROWDED), value=b"{%d" % number)
