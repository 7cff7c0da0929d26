"""A packet's way: lost, late, twice, stored, in batches. Functions of the packet, without state."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from simulators.networks.chance import Chance, Stream
from simulators.networks.disturbances import Disturbance, Envelope, How, StationDisturbances
from simulators.transmission.packet import Packet

LOT_MS = 900_000
"""What was stored within so long a time is sent as one frame."""


def carried(packet: Packet, disturbances: StationDisturbances) -> list[Packet]:
    """What arrives of a packet that is sent at its arrival: nothing, it, or more than one."""
    packets = [packet]
    for one in disturbances.by_point.get(None, ()):
        way = WAYS.get(one.how)
        if way is not None and one.envelope.within(packet.at):
            packets = [arriving for each in packets for arriving in way(each, one)]
    return packets


def _chance(one: Disturbance) -> Stream:
    return Chance(one.envelope.begins, one.station).stream(one.how.value)


def _lost(packet: Packet, one: Disturbance) -> list[Packet]:
    share = 100 * _chance(one).uniform(packet.at + packet.device)
    return [packet] if share >= (one.amount or 0.0) else []


def _delayed(packet: Packet, one: Disturbance) -> list[Packet]:
    return [_later(packet, one.amount or 0.0)]


def _overtaken(packet: Packet, one: Disturbance) -> list[Packet]:
    return [_later(packet, _chance(one).uniform(packet.at) * (one.amount or 0.0))]


def _again(packet: Packet, one: Disturbance) -> list[Packet]:
    return [packet, _later(packet, one.amount or 0.0)]


def _later(packet: Packet, seconds: float) -> Packet:
    return replace(packet, arrival=packet.arrival + round(seconds * 1000))


def _batched(packet: Packet, one: Disturbance) -> list[Packet]:
    every_ms = round((one.amount or 1.0) * 1000)
    rest = (packet.at - one.envelope.begins) % every_ms
    return [_gathered(packet, min(packet.at - rest + every_ms, one.envelope.ends))]


def _stored(packet: Packet, one: Disturbance) -> list[Packet]:
    """Lot by lot a millisecond apart, before anything new."""
    up = _up_again(one.envelope)
    lot = (packet.at - one.envelope.begins) // LOT_MS
    return [packet if packet.at >= up else _gathered(packet, up + lot)]


def _stored_behind(packet: Packet, one: Disturbance) -> list[Packet]:
    """Lots spread over the fall, of every second fault the newest first."""
    envelope, up = one.envelope, _up_again(one.envelope)
    if packet.at >= up:
        return [packet]
    lots = (up - 1 - envelope.begins) // LOT_MS + 1
    lot = (packet.at - envelope.begins) // LOT_MS
    place = lots - lot if _chance(one).word(0) % 2 else lot + 1
    return [_gathered(packet, up + envelope.falls_ms * place // (lots + 1))]


def _gathered(packet: Packet, arrival: int) -> Packet:
    return replace(packet, arrival=arrival, gathered=True)


def _up_again(envelope: Envelope) -> int:
    """When the link is up again."""
    return envelope.ends - envelope.falls_ms


WAYS: Mapping[How, Callable[[Packet, Disturbance], list[Packet]]] = {
    How.LOST: _lost,
    How.STORED: _stored,
    How.STORED_BEHIND: _stored_behind,
    How.BATCH: _batched,
    How.DELAY: _delayed,
    How.OVERTAKES: _overtaken,
    How.AGAIN: _again,
}
