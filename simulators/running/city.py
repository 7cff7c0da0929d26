"""The running city: steps along city time and puts what is due on the log."""

import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from schemas.headers import time_text
from schemas.plan import Plan, Station
from simulators.faults.fault import Fault
from simulators.faults.truth import TruthLog
from simulators.networks.station import Scanned, SimulatedStation, source_of
from simulators.networks.world import World, build_world
from simulators.running.city_clock import CityClock
from simulators.running.health import CityHealth
from simulators.running.inspections import Timetable
from simulators.running.publish import EventRecord, FrameWriter, Publisher, ticks
from simulators.scenes.scene_file import Scene, UnknownSceneError, cast, load_scene
from simulators.scenes.scene_requests import SceneRequests
from simulators.transmission.link import StationLink

log = logging.getLogger(__name__)
SOURCE = "sim-city"
"""Source of ticks; frames come from the gateways (``source_of``)."""
JOINED_MS = 30_000
"""Scans of so long a time are one frame, when they are sent together."""
FAST_STEP_MS = 120_000
"""At full speed time passes by as much at once."""
FAST_TICK_MS = 60_000
"""At full speed, too, ticks come so often that each is believed by itself."""
FAST_BATCH = 2_000
"""Records that are sent at once at full speed: fewer would wait for the broker more often."""


@dataclass(slots=True)
class CitySimulator:
    """Everything that moves. ``world`` is replaced when another plan becomes active."""

    clock: CityClock
    publisher: Publisher
    frames: FrameWriter
    truth: TruthLog
    health: CityHealth
    seed: int
    tick_ms: int
    world: World = field(default_factory=lambda: World((), ()))
    faults: list[Fault] = field(default_factory=list)
    played: list[tuple[Scene, int]] = field(default_factory=list)
    """Scenes with their starts (epoch ms of city time)."""
    requests: SceneRequests | None = None
    """Requests of ``miyun scene play``."""
    plan: Plan | None = None
    timetable: Timetable | None = None
    links: dict[str, StationLink] = field(default_factory=dict)
    """Of the stations whose frames faults change, with what is under way."""
    fresh: bool = True
    """The world has yet to report all its points once."""
    readings: int = 0
    """Values sent so far."""

    def activate(self, plan: Plan, name: str) -> None:
        """Simulate the stations of ``plan`` from now on."""
        self.plan = plan
        self.timetable = Timetable(plan, self.seed)
        self.world = build_world(plan, seed=self.seed)
        self._disturb()
        self.fresh = True
        self.health.stations = len(self.world.stations)
        self.health.city_ms = self.clock.now_ms
        self.health.time_zone = plan.time_zone
        points = sum(len(station.points) for station in self.world.stations)
        log.info(
            f"simulator: simulating plan={name[:12]} stations={self.health.stations} points={points}"
            f" city_time={time_text(self.clock.now_ms)}"
        )
        if self.world.unmodelled:
            log.warning(f"simulator: has no model, so they are silent what={','.join(self.world.unmodelled)}")

    def play(self, scene: Scene, *, actor: str, in_ms: int = 0) -> None:
        """Let a scene begin so long from now."""
        start_ms = self.clock.now_ms + in_ms
        while any(start_ms == started for _, started in self.played):
            start_ms += 1  # the start tells apart plays of the same scene
        self.played.append((scene, start_ms))
        self._disturb()
        self.health.scene = (scene.name, start_ms)
        log.info(
            f"simulator: a scene begins scene={scene.name} asked_by={actor} city_time={time_text(start_ms)}"
        )

    def _disturb(self) -> None:
        """The world is under the faults of all scenes that are not over."""
        assert self.plan is not None
        self.faults = []
        for scene, started_ms in self.played:
            cast_now = cast(scene, self.plan, start_ms=started_ms)
            self.faults.extend(fault for fault in cast_now.faults if fault.ends > self.clock.now_ms)
            if cast_now.without:
                log.warning(
                    f"simulator: no station for faults scene={scene.name} what={','.join(cast_now.without)}"
                )
        self.world.disturb(one for fault in self.faults for one in fault.disturbances)
        for simulated in self.world.stations:
            self._link(simulated)

    def _link(self, simulated: SimulatedStation) -> None:
        """A station has a link while faults change its frames; one that has a link keeps it."""
        station, now = simulated.station, simulated.disturbances
        link = self.links.get(station.station_id)
        if link is not None:
            link.station, link.disturbances = station, now
        elif now.needs_link:
            first = self.frames.sent.get((source_of(station), station.station_id), 0)
            self.links[station.station_id] = StationLink(station, now, numbered={0: first})

    def _take_requests(self) -> None:
        for request in self.requests.take() if self.requests is not None else ():
            try:
                self.play(load_scene(request.scene), actor=request.actor)
            except UnknownSceneError as error:
                log.warning(f"simulator: cannot play a scene asked_by={request.actor} reason={error}")

    async def step(self) -> bool:
        """Send what has become due; False when it is too early for anything."""
        now, until = self.clock.now_ms, self.clock.next_step()
        if until == now:
            return False
        self._take_requests()
        await self.publisher.deliver(self._due(now, until, tick_ms=self.tick_ms))
        self._reached(until)
        return True

    async def fast_forward(self, until_ms: int, *, step_ms: int) -> AsyncIterator[int]:
        """Send city time up to ``until_ms`` as fast as it can be made; yields how far it has come.

        Each station's scans of half a minute go out as one frame, which arrives with the last of them: a
        point that reports each 15 s is heard within its three intervals, as it is live.
        """
        at = self.clock.now_ms
        batch: list[EventRecord] = []
        while at < until_ms:
            after, at = at, min(until_ms, at - at % step_ms + step_ms)
            batch.extend(self._due(after, at, tick_ms=min(step_ms, FAST_TICK_MS), together=True))
            if len(batch) >= FAST_BATCH or at == until_ms:
                await self.publisher.deliver(batch)
                self._reached(at)
                batch = []
                yield at

    def _reached(self, city_ms: int) -> None:
        """Everything due until ``city_ms`` is on the log."""
        self.clock.sent_up_to(city_ms)
        self.health.city_ms = city_ms
        for fault in self.truth.write_begun(self.faults, city_ms):
            log.info(
                f"simulator: a fault begins fault={fault.name} station={fault.station}"
                f" stations={len(fault.touched())} until={time_text(fault.ends)}"
            )

    def _due(
        self, after_ms: int, until_ms: int, *, tick_ms: int, together: bool = False
    ) -> list[EventRecord]:
        """Everything in the order of its time, so that the log's ends tell the latest."""
        batch: list[EventRecord] = []
        if self.fresh:
            # 1 ms later, so that it is not the repeat of a scan that was due now.
            batch.extend(self._frames(self.world.first_scans(after_ms + 1)))
            self.fresh = False
        batch.extend(self._frames(self.world.between(after_ms, until_ms), together=together))
        batch.extend(self._arrived(until_ms))
        first = after_ms - after_ms % tick_ms + tick_ms
        for at in range(first, until_ms + 1, tick_ms):
            batch.extend(ticks(at, source=SOURCE, boot=self.frames.boot))
        if self.timetable is not None:
            batch.extend(self.timetable.between(after_ms, until_ms))
        return sorted(batch, key=lambda record: record.time)

    def _frames(
        self, scans: Iterable[tuple[Station, Scanned]], *, together: bool = False
    ) -> list[EventRecord]:
        """Frames by station; the scans of one station come one after the other."""
        frames: list[EventRecord] = []
        for station_id, group in groupby(scans, key=lambda pair: pair[0].station_id):
            pairs = list(group)
            if station_id in self.links:
                self.links[station_id].take(scanned for _, scanned in pairs)
                continue
            source = source_of(pairs[0][0])
            for cut in cuts((scanned for _, scanned in pairs), together=together):
                frame = self.frames.frame(station_id, cut, source=source)
                frames.extend([frame] * cut[0].copies)
                self.readings += sum(len(scanned.values) for scanned in cut)
        return frames

    def _arrived(self, until_ms: int) -> list[EventRecord]:
        """Frames over links, as they have arrived by then."""
        records = []
        for station_id, link in self.links.items():
            for packets in link.arrived(until_ms):
                records.append(self.frames.carried(station_id, packets, source=source_of(link.station)))
                self.readings += sum(len(packet.values) for packet in packets)
        return records


def cuts(scans: Iterable[Scanned], *, together: bool) -> list[list[Scanned]]:
    """A station's scans as frames: each its own, or together those that nothing is odd about.

    What a wrong clock dated or a device repeats is a frame of its own.
    """
    frames: list[list[Scanned]] = []
    joins = False
    for scanned in scans:
        plain = scanned.device_at is None and scanned.copies == 1
        if together and joins and plain and scanned.at - frames[-1][0].at < JOINED_MS:
            frames[-1].append(scanned)
        else:
            frames.append([scanned])
        joins = plain
    return frames
