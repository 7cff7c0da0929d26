"""The way of one station's scans to the log while faults change it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from schemas.plan import Station
from simulators.networks.disturbances import UNDISTURBED, How, StationDisturbances
from simulators.networks.station import Scanned
from simulators.transmission.carrying import carried
from simulators.transmission.packet import Packet
from simulators.transmission.spoiling import spoiled
from simulators.transmission.stamping import restarts, stamp_of

FRAME_SCANS = 250
"""Scans of one frame at most."""
SentFrame = tuple[Packet, ...]
"""Packets of one device that arrive together, in the order in which they were read."""


@dataclass(slots=True)
class StationLink:
    """Takes scans, gives the frames that arrive. The same scans and faults give the same frames.

    However the time is cut into steps: what is under way waits here.
    """

    station: Station
    disturbances: StationDisturbances = UNDISTURBED
    waiting: list[Packet] = field(default_factory=list)
    restarted: int = 0
    numbered: dict[int, int] = field(default_factory=dict)
    """The next number of each device."""
    normal: dict[str, float | None] = field(default_factory=dict)
    """What a second device under the station's id goes on reading."""

    def take(self, scans: Iterable[Scanned]) -> None:
        """Scans as they were read, oldest first."""
        for scanned in scans:
            for packet in self._sent(scanned):
                self.waiting.extend(carried(packet, self.disturbances) * scanned.copies)

    def arrived(self, until_ms: int) -> Iterator[SentFrame]:
        """Frames that have arrived by then, in the order of their arrival; each is given once."""
        due = [packet for packet in self.waiting if packet.arrival <= until_ms]
        self.waiting = [packet for packet in self.waiting if packet.arrival > until_ms]
        due.sort(key=_place)
        for _, group in groupby(due, key=_frame_of):
            together = list(group)
            size = FRAME_SCANS if together[0].gathered else 1
            yield from (tuple(together[first : first + size]) for first in range(0, len(together), size))

    def _sent(self, scanned: Scanned) -> Iterator[Packet]:
        restarted = restarts(self.disturbances, scanned.at)
        if restarted != self.restarted:
            self.restarted, self.numbered = restarted, {}
        yield self._packet(scanned, 0)
        second = self.disturbances.going_on(How.TWIN, None, scanned.at)
        if not second:
            self.normal = {}
            return
        for code, value in scanned.values.items():
            self.normal.setdefault(code, value)
        at = scanned.at + round((second[0].amount or 0.0) * 1000)
        yield self._packet(Scanned(at, {code: self.normal[code] for code in scanned.values}), 1)

    def _packet(self, scanned: Scanned, device: int) -> Packet:
        seq = self.numbered.get(device, 0)
        self.numbered[device] = seq + 1
        return Packet(
            arrival=scanned.at,
            at=scanned.at,
            stamp=stamp_of(scanned, self.disturbances),
            values=spoiled(scanned.values, self.station, self.disturbances, scanned.at),
            quality=scanned.quality,
            seq=seq,
            device=device,
        )


def _place(packet: Packet) -> tuple[int, int, bool, int]:
    """Among all that arrives: by arrival, device and the time at which it was read."""
    return packet.arrival, packet.device, packet.gathered, packet.at


def _frame_of(packet: Packet) -> tuple[int, int, bool, int]:
    """What packets of one frame have in common."""
    return packet.arrival, packet.device, packet.gathered, 0 if packet.gathered else packet.at
