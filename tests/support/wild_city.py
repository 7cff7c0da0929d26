"""Hours of the shipped city whose instruments, clocks and links misbehave, and what should be found there.

What arrives is judged as `miyun judge` judges it. The oracle is the same readings, once each, in true order
and under true clocks, by the same engine: whatever it finds is there to be found.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from support.shipped_city import AT_MS, shipped_plan

from schemas.alerts import Alert
from schemas.base import Bilingual
from schemas.events import EventKind
from schemas.outputs import decode
from schemas.plan import Plan, Station
from schemas.topics import TopicName
from services.judging.log_lines import LogLine
from services.judging.outcome_lines import OutcomeLine, TakenRecord, outcome_line
from services.judging.player import Player, plan_of_log
from simulators.faults.fault import TEMPLATES, Fault, fits
from simulators.faults.instrumental import INSTRUMENTAL
from simulators.networks.disturbances import How
from simulators.networks.station import source_of
from simulators.networks.world import build_world
from simulators.running.publish import EventRecord, FrameWriter
from simulators.scenes.scene_file import FaultFile, Placement, Scene, cast
from simulators.transmission.link import StationLink
from simulators.transmission.packet import Packet

PLAN_NAME = "f" * 64
HOUR_S = 3_600
BEGIN_MS = AT_MS
DANGERS: tuple[tuple[str, str, float | None], ...] = (
    ("gas_main_dug_up", "gas_chamber", 70.0),
    ("regulator_leak", "gas_regulator", 60.0),
    ("regulator_overpressure", "gas_regulator", None),
    ("regulator_low_outlet", "gas_regulator", None),
    ("co_in_room", "gas_gate", 120.0),
    ("gas_in_sewer", "sewer_manhole", 60.0),
    ("h2s_in_room", "sewer_pump_station", 40.0),
    ("sewer_blockage", "sewer_manhole", None),
    ("cover_open", "sewer_manhole", None),
    ("ponding", "underpass", 40.0),
    ("turbid_water", "water_plant", 3.0),
    ("secondary_too_hot", "heat_exchanger_radiator", 95.0),
    ("leakage_current", "light_cabinet", None),
    ("voltage_low", "light_cabinet", 170.0),
)
"""Template, kind of its place, size: of each network, of life safety and not."""
TWO = 0.3
"""At so many of the stations a second thing goes wrong at the same time."""
WILD: dict[str, tuple[float | None, ...]] = {
    "lost_scans": (10.0, 30.0, 50.0, 70.0, 80.0),
    "reboots": (10.0, 30.0, 90.0),
    "clock_reset": (None,),
    "clock_ahead": (0.1, 8.0, 24.0),
    "clock_behind": (0.5, 1.0, 8.0),
    "clock_steps": (0.05, 2.0, 8.0),
    "clock_stands": (None,),
    "swapped_frames": (20.0, 90.0, 400.0),
    "repeated_frames": (2.0, 5.0),
    "frames_again": (1.0, 15.0, 120.0),
    "stored_first": (None,),
    "stored_behind": (None,),
    "batches": (5.0, 30.0, 60.0),
    "radio_delay": (30.0, 240.0),
    "odd_values": (20.0, 60.0, 100.0),
    "cut_cable": (None,),
    "dead_bus": (65_535.0, -9_999.0),
    "sentinel": (65_535.0, -9_999.0, 3_276.7),
    "stuck": (None,),
    "two_devices": (0.0, 3.0, 7.0),
}
"""Kinds and the sizes that are drawn."""


def wild_scene(seed: int, *, hours: float, each: int = 1, kinds: Iterable[str] = WILD) -> Scene:
    """Each kind of fault ``each`` times, at a station with a danger meanwhile; all drawn by chance."""
    chance, taken = Random(seed), set[str]()
    faults: list[FaultFile] = []
    for kind in kinds:
        for number in range(each):
            faults.extend(_pair(chance, kind, f"{kind}-{number}", taken, hours * HOUR_S))
    words = Bilingual(zh="仪表异常", en="wild instruments")
    return Scene(name="wild", title=words, description=words, faults=faults)


def _pair(chance: Random, kind: str, name: str, taken: set[str], lasts_s: float) -> Iterator[FaultFile]:
    """A danger, and the fault of an instrument that goes on around it."""
    free = [
        (danger, size, station) for danger, kind_, size in DANGERS for station in _free(danger, kind_, taken)
    ]
    danger, size = chance.choice(sorted({(one, size) for one, size, _ in free}, key=str))
    station = chance.choice([station for one, _, station in free if one == danger])
    taken.add(station.station_id)
    begins_s = chance.uniform(0.1, 0.3) * lasts_s
    holds_s = chance.uniform(0.3, 0.5) * lasts_s
    yield FaultFile(
        name=f"danger-{name}",
        template=danger,
        place=Placement(station=station.station_id),
        begins_s=begins_s + holds_s * chance.uniform(0.1, 0.4),
        rise_s=chance.choice((0.0, 300.0)),
        hold_s=max(1_800.0, holds_s * chance.uniform(0.2, 0.4)),
        fall_s=chance.choice((0.0, 300.0)),
        size=size,
    )
    kinds = [kind, chance.choice(sorted(WILD))] if chance.random() < TWO else [kind]
    for number, one in enumerate(kinds):
        yield FaultFile(
            name=f"{name}-{number}",
            template=one,
            place=Placement(station=station.station_id, point=_point(chance, one, danger, station)),
            begins_s=begins_s,
            hold_s=holds_s,
            fall_s=chance.choice((60.0, 900.0)),
            size=chance.choice(WILD[one]),
        )


def _free(danger: str, kind: str, taken: set[str]) -> Iterator[Station]:
    for station in shipped_plan().stations:
        if (
            station.kind == kind
            and station.station_id not in taken
            and fits(TEMPLATES[danger], station, None)
        ):
            yield station


def _point(chance: Random, kind: str, danger: str, station: Station) -> str | None:
    """For faults of a point: that of the danger, or another one."""
    if INSTRUMENTAL[kind].moves[0].code != "@":
        return None
    reported = [p.code for p in station.points if p.computed is None and p.report_mode != "inspected"]
    return chance.choice((TEMPLATES[danger].needs[0], *reported)) if reported else None


@dataclass(frozen=True)
class WildCity:
    """The stations that the faults of a scene touch, for some hours."""

    scene: Scene
    seed: int
    hours: float
    loggers: bool = False
    """Stations that send in batches are registered as such, those of the shipped city are not."""
    ends: int = field(init=False)

    def __post_init__(self) -> None:
        """Reckon the end (epoch ms)."""
        object.__setattr__(self, "ends", BEGIN_MS + round(self.hours * HOUR_S * 1000))

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """The scene's faults in the shipped city."""
        return cast(self.scene, shipped_plan(), start_ms=BEGIN_MS).faults

    @cached_property
    def plan(self) -> Plan:
        """The city cut to the stations that a fault touches: no other reads anything out of the way."""
        touched = {station for fault in self.faults for station in fault.touched()}
        stations = (one for one in shipped_plan().stations if one.station_id in touched)
        return replace(shipped_plan(), stations=tuple(map(self._registered, stations)))

    def _registered(self, station: Station) -> Station:
        sizes = [
            one.amount
            for fault in self.faults
            for one in fault.disturbances
            if self.loggers and one.how is How.BATCH and one.station == station.station_id
        ]
        return replace(station, upload_every_s=round(max(one or 0.0 for one in sizes))) if sizes else station

    @cached_property
    def arrived(self) -> list[tuple[str, tuple[Packet, ...]]]:
        """The frames that arrive, with their stations, in the order of their arrival."""
        disturbances = [one for fault in self.faults for one in fault.disturbances]
        found = []
        for simulated in build_world(self.plan, seed=self.seed, disturbances=disturbances).stations:
            link = StationLink(simulated.station, simulated.disturbances)
            link.take([simulated.scan_all(BEGIN_MS), *simulated.between(BEGIN_MS, self.ends)])
            found += [(simulated.station.station_id, packets) for packets in link.arrived(self.ends)]
        return sorted(found, key=lambda frame: frame[1][-1].arrival)

    @property
    def true(self) -> list[tuple[str, tuple[Packet, ...]]]:
        """The same readings, once each, in true order and under true clocks."""
        once = {
            (station, packet.device, packet.at): packet for station, frame in self.arrived for packet in frame
        }
        return [
            (station, (replace(packet, arrival=at, stamp=at, gathered=False, seq=0),))
            for (station, _, at), packet in sorted(once.items(), key=lambda one: (one[0][2], one[0][0]))
        ]

    def lines(self, frames: Iterable[tuple[str, tuple[Packet, ...]]]) -> Iterator[LogLine]:
        """The records of frames, in their order."""
        stations = {station.station_id: station for station in self.plan.stations}
        writer = FrameWriter(boot="b1", nature="simulated")
        for station, packets in frames:
            record = writer.carried(station, packets, source=source_of(stations[station]))
            yield _line(record)

    def judged(self, frames: Sequence[tuple[str, tuple[Packet, ...]]]) -> list[OutcomeLine]:
        """What the engine makes of frames: alerts as snapshots, rejections and findings."""
        ids = {station.station_id for station in self.plan.stations}
        plan = plan_of_log(self.plan, PLAN_NAME, ids, None)
        player = Player(plan=plan, begins_at=BEGIN_MS, tell=_told)
        return [*player.play(self.lines(frames)), *player.pass_time(self.ends)]


def _line(record: EventRecord) -> LogLine:
    return LogLine(
        record.time,
        EventKind.TELEMETRY,
        record.value,
        record.key.encode(),
        record.partition,
        headers={"ce_source": record.source, "ce_id": record.ce_id},
    )


def _told(record: TakenRecord) -> OutcomeLine | None:
    if record.topic.endswith(TopicName.AGGREGATES):
        return None
    body = decode(record).body
    return {"type": "alert", "alert": body} if isinstance(body, Alert) else outcome_line(record)
