"""Records that are ready to be sent: checked for size, with the headers that say what they come of."""

from dataclasses import dataclass

from schemas.headers import Headers, ce_headers
from schemas.topics import TOPICS, TopicName

RECORD_OVERHEAD_BYTES = 256
"""What batch, record and length fields add to a record; generous."""


class OversizeError(Exception):
    """A record is larger than its topic takes."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record that is ready to be sent.

    Raises:
        OversizeError: it is larger than its topic takes.
    """

    topic: TopicName
    partition: int
    key: bytes
    value: bytes
    headers: Headers

    def __post_init__(self) -> None:
        """Checks the size: a refused record would block the producer for good."""
        ensure_fits(self.topic, self.key, self.value, self.headers)


@dataclass(frozen=True, slots=True)
class CausingRecord:
    """The input record that outgoing records answer: part of their ids and headers.

    ``clock`` is what time it was in the partition then (epoch ms; 0: no time yet).
    """

    source: str
    epoch: str
    partition: int
    offset: int
    clock: int = 0

    @property
    def name(self) -> str:
        """Tells it from all others: ids of what comes of it begin so."""
        return f"{self.epoch}:{self.partition}:{self.offset}"

    def headers(self, kind: str, id_: str) -> Headers:
        """The headers of an output record."""
        return [
            *ce_headers(kind, self.source, id_, self.clock or None),
            ("epoch", self.epoch.encode()),
            ("src_partition", b"%d" % self.partition),
            ("src_offset", b"%d" % self.offset),
        ]


def ensure_fits(topic: TopicName, key: bytes, value: bytes, headers: Headers) -> None:
    """Check a record's size before it is sent: a refused record would block the producer for good.

    Raises:
        OversizeError: the topic's limit would be passed.
    """
    size = len(key) + len(value) + RECORD_OVERHEAD_BYTES
    limit = TOPICS[topic].max_message_bytes
    if size < limit // 2:
        return  # the usual case: headers are never that large
    size += sum(len(name) + len(text) + 4 for name, text in headers)
    if size > limit:
        raise OversizeError(f"a record of {size} bytes for {topic}; it takes {limit}")
