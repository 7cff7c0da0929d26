"""Records of ``monitor-state`` as a load reads them."""

from support.engine_log import EPOCH
from support.output_records import APPENDED, Output

from schemas.snapshots import full_key, header_key, hot_key
from services.judging import snapshots
from services.judging.snapshots import PartitionHeader
from services.rules.state import HotState, StationState


def kept(key: bytes | None, value: bytes | None, *, epoch: str = EPOCH, partition: int = 3) -> Output:
    """A record of a partition's checkpoint."""
    return Output("t.monitor-state", partition, 5, APPENDED, key, value, [("epoch", epoch.encode())])


def decode_full(station: str, value: bytes) -> StationState:
    """What a full snapshot holds."""
    return snapshots.decode(kept(full_key(station), value))[1]


def decode_hot(value: bytes, station: str = "s") -> HotState:
    """What a hot snapshot holds."""
    return snapshots.decode(kept(hot_key(station), value))[1].hot


def decode_header(value: bytes, partition: int = 3) -> PartitionHeader:
    """What a partition's header says."""
    return snapshots.decode_header(kept(header_key(partition), value, partition=partition))
