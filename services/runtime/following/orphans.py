"""Which alerts a census ends: the one decision, for the recorder's tables and for the feed. No I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.alerts import Census
from schemas.outputs import Origin


@dataclass(frozen=True, slots=True)
class Source:
    """The event that an alert's snapshot answers: its log, partition and offset."""

    epoch: str
    partition: int
    offset: int


def source_of(origin: Origin) -> Source:
    """The event that a record of ``alerts`` answers."""
    return Source(origin.epoch, origin.src_partition, origin.src_offset)


def orphans(open_alerts: Mapping[str, Source], census: Census, *, epoch: str) -> Iterator[str]:
    """The open alerts that the monitor no longer has, of those that the census speaks of.

    A census of the log ``epoch`` ends the alerts of its partition that it does not list, if it includes their
    last event; those of another log always: offsets of two logs cannot be compared.
    """
    listed = frozenset(census.open_alerts)
    for alert_id, source in open_alerts.items():
        is_included = source.epoch != epoch or source.offset <= census.offset
        is_ours = source.partition == census.partition
        if is_ours and is_included and alert_id not in listed:
            yield alert_id
