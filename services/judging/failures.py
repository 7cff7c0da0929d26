"""Events that made the engine fail: kept on disk, so that the next process knows of them.

The first failure ends the process: it may have been the machine's. A second one at the same offset is the
event's: a station that fails is skipped from then on whenever it fails, a record that fails as a whole
is rejected without being looked at.
"""

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

GIVE_UP_AFTER = 2


class EventFailedError(Exception):
    """Judging an event raised. It is on disk; the process has to end."""


@dataclass(slots=True)
class FailureRecord:
    """The last failure of a partition, and the stations that have failed twice at one offset."""

    epoch: str
    offset: int = -1
    station: str | None = None
    times: int = 0
    error: str = ""
    skipped_stations: list[str] = field(default_factory=list)


class Failures:
    """One small file per partition, ``failure-<n>.json`` in ``folder``."""

    def __init__(self, folder: Path, epoch: str) -> None:
        self._folder = folder
        self._epoch = epoch
        self._records: dict[int, FailureRecord] = {}

    def is_poison(self, partition: int, offset: int) -> bool:
        """Tells if the record at ``offset`` has failed as a whole for good."""
        record = self._of(partition)
        return record.offset == offset and record.station is None and record.times >= GIVE_UP_AFTER

    def note(self, partition: int, offset: int, station: str | None, error: Exception) -> bool:
        """Write a failure down. True: give up on it; False: the process has to end and try again."""
        record = self._of(partition)
        if station is not None and station in record.skipped_stations:
            return True
        same = (record.offset, record.station) == (offset, station)
        record.times = record.times + 1 if same else 1
        record.offset, record.station, record.error = offset, station, repr(error)[:500]
        given_up = record.times >= GIVE_UP_AFTER
        if given_up and station is not None:
            record.skipped_stations.append(station)
        self._write(partition, record)
        log.error(
            "monitor: an event failed",
            extra={"partition": partition, "offset": offset, "station": station, "times": record.times},
            exc_info=error,
        )
        return given_up

    def _of(self, partition: int) -> FailureRecord:
        if partition not in self._records:
            self._records[partition] = self._read(partition)
        return self._records[partition]

    def _path(self, partition: int) -> Path:
        return self._folder / f"failure-{partition}.json"

    def _read(self, partition: int) -> FailureRecord:
        """A file that cannot be read, or is of another log, counts as none."""
        try:
            written = json.loads(self._path(partition).read_text())
            if "hopeless" in written:  # the field's name in the first release
                written["skipped_stations"] = written.pop("hopeless")
            record = FailureRecord(**written)
        except (OSError, ValueError, TypeError):
            return FailureRecord(self._epoch)
        return record if record.epoch == self._epoch else FailureRecord(self._epoch)

    def _write(self, partition: int, record: FailureRecord) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._path(partition).with_suffix(".new")
        draft.write_text(json.dumps(asdict(record)))
        draft.replace(self._path(partition))
