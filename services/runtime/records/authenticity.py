"""Signatures of what the monitor writes: made in one place, and checked in one place by every reader.

Each record of ``SIGNED`` carries the header ``mac``: an HMAC-SHA256 over its topic and partition, key,
headers and value, with a key that only our own processes can read (``outputs.key``, 0600). It follows the
id of that key, so that keys can be changed: a new one goes to ``outputs.key``, the old one stays beside it as
``outputs-<any name>.key``: checkpoints carry its signature for as long as they stand.

Releases before did not sign. Where a partition's signed part begins stands in ``outputs.begin.json`` beside
the keys, by namespace: what is older is taken without a signature, what is later is not (ADR 28).
"""

import hashlib
import hmac
import logging
import secrets
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from schemas.headers import Headers
from schemas.outputs import Output, OutputRecord, decode, topic_of
from schemas.rejects import Rejection, RejectReason
from schemas.topics import TopicName
from services.runtime.settings import Settings
from services.runtime.signing import KeyFileError, create_private
from services.runtime.words import TROUBLE, sentence

log = logging.getLogger(__name__)

SIGNED = frozenset(
    {
        TopicName.ALERTS,
        TopicName.AGGREGATES,
        TopicName.OUTCOMES,
        TopicName.REJECTS,
        TopicName.MONITOR_STATE,
    }
)
"""Topics that nobody but the monitor writes to."""
MAC = "mac"
TOMBSTONE = b"/-"
"""Follows the place of a record without a value: the signature of an empty one is another."""
KEY_FILE, KEY_FILES, BEGIN_FILE = "outputs.key", "outputs*.key", "outputs.begin.json"
KEY_BYTES, ID_BYTES, TAG_BYTES = 32, 8, 16
Begins = Mapping[str, Sequence[int]]
"""By topic: the first signed offset of each partition."""


@dataclass(frozen=True, slots=True)
class OutputKey:
    """A secret, and the id that signatures made with it begin with."""

    secret: bytes

    @property
    def id(self) -> bytes:
        """Tells nothing of the secret."""
        return hashlib.sha256(b"id:" + self.secret).digest()[:ID_BYTES]


def ensure_output_key(keys_dir: Path) -> OutputKey:
    """The key that outputs are signed with, made at its first use. Only the monitor's host makes one.

    Raises:
        KeyFileError: the file cannot be made, is readable by others, or holds no key.
    """
    path = keys_dir / KEY_FILE
    try:
        if not path.exists():
            create_private(path, secrets.token_hex(KEY_BYTES))
    except OSError as error:
        raise KeyFileError(
            f"{path} cannot be made: {error}; make it, or let the monitor write there"
        ) from None
    return _key(path)


def _key(path: Path) -> OutputKey:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyFileError(f"{path} has mode {mode:04o}: others can read it; chmod 600 {path}")
    try:
        secret = bytes.fromhex(path.read_text().strip())
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise KeyFileError(
            f"{path} holds no key of {KEY_BYTES} bytes in hex; restore it from the monitor's host"
        )
    return OutputKey(secret)


class Signer:
    """Adds the signature to the headers of a record."""

    def __init__(self, key: OutputKey) -> None:
        self._id, self._secret = key.id, key.secret

    def sign(
        self, topic: str, partition: int, *, key: bytes, value: bytes | None, headers: Headers
    ) -> Headers:
        """The headers with the signature behind them. ``value`` None: of a tombstone."""
        tag = _tag(self._secret, _place(topic, partition), key, value, headers)
        return [*headers, (MAC, self._id + tag)]


@cache
def _place(topic: str, partition: int) -> bytes:
    return f"{topic}/{partition}".encode()


@cache
def _lengths(count: int) -> Callable[..., bytes]:
    return struct.Struct(f">{count}I").pack


def _tag(
    secret: bytes, place: bytes, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]
) -> bytes:
    """Each part counts with its length, so that no two records make the same text."""
    names, texts = zip(*headers, strict=True)
    if value is None:
        place, value = place + TOMBSTONE, b""
    parts = (place, key, "\0".join(names).encode(), value, *texts)
    text = _lengths(len(parts))(*map(len, parts)) + b"".join(parts)
    return hmac.digest(secret, text, "sha256")[:TAG_BYTES]


@dataclass(slots=True)
class Authenticity:
    """Decodes records, and refuses those that the monitor did not write.

    Nothing is read before it is needed: whoever reads only unsigned records needs no key.
    """

    settings: Settings
    _secrets: dict[bytes, bytes] = field(default_factory=dict)
    _files: dict[Path, int] = field(default_factory=dict)
    """Files that they were read from, with their times of change."""
    _begins: Begins = field(default_factory=dict)
    _begins_of: int = 0
    """Time of change of the file that they were read from."""
    _seen: set[tuple[str, int]] = field(default_factory=set)
    """Partitions in which a signed record was read: what follows there is signed, whatever the file says."""

    def decode(self, record: OutputRecord) -> Output:
        """The message of a record, or the reason why it is not taken.

        Raises:
            KeyFileError: records are signed, and there is no key here; says what to do.
        """
        output = decode(record)
        if output.origin.topic not in SIGNED or (why := self.doubt(record)) is None:
            return output
        rejection = Rejection(reason=RejectReason.BAD_SIGNATURE, detail=why)
        return Output(output.origin, rejection, record)

    def doubt(self, record: OutputRecord) -> str | None:
        """Why a record of ``SIGNED`` is not the monitor's; None: it is.

        Raises:
            KeyFileError: it is signed, and there is no key here; says what to do.
        """
        macs = [text for name, text in record.headers if name == MAC]
        if not macs:
            return "no signature" if self._has_begun(record) else None
        rest = [(name, text) for name, text in record.headers if name != MAC]
        parts = (record.key, *(text for _, text in record.headers))
        if len(macs) > 1 or not rest or None in parts:
            return "not signed by us"
        secret = self._secret(macs[0][:ID_BYTES])
        if secret is None:
            return f"signed with key {macs[0][:ID_BYTES].hex()}, which is not in {self.settings.keys_dir}"
        tag = _tag(secret, _place(record.topic, record.partition), record.key or b"", record.value, rest)
        if not hmac.compare_digest(tag, macs[0][ID_BYTES:]):
            return "the signature does not hold"
        self._seen.add((record.topic, record.partition))
        return None

    def _has_begun(self, record: OutputRecord) -> bool:
        if (record.topic, record.partition) in self._seen:
            return True
        offsets = self._first_signed().get(topic_of(record.topic), ())
        return record.partition < len(offsets) and record.offset >= offsets[record.partition]

    def _first_signed(self) -> Begins:
        """Where the namespace's signed parts begin, read anew when the file has changed."""
        path = self.settings.keys_dir / BEGIN_FILE
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            return self._begins
        if changed != self._begins_of:
            self._begins = _read_begins(path).get(self.settings.namespace, {})
            self._begins_of = changed
        return self._begins

    def _secret(self, id_: bytes) -> bytes | None:
        """The secret of a key, which may have come since the folder was looked at."""
        if id_ not in self._secrets:
            files = {path: path.stat().st_mtime_ns for path in self.settings.keys_dir.glob(KEY_FILES)}
            if files != self._files:
                self._secrets = {key.id: key.secret for key in map(_key, files)}
                self._files = files
        if not self._secrets:
            raise KeyFileError(sentence(TROUBLE, "no_output_key", file=self.settings.keys_dir / KEY_FILE))
        return self._secrets.get(id_)


def note_first_signed(settings: Settings, ends: Begins) -> None:
    """Note that whatever stands at or behind these offsets of the namespace's topics is signed.

    Done by the monitor before it writes anything. What was noted before stays, unless a topic is shorter by
    now: then it was made again.
    """
    path = settings.keys_dir / BEGIN_FILE
    every = _read_begins(path) if path.exists() else {}
    known = every.get(settings.namespace, {})
    begins = {
        topic: [min(pair) for pair in zip(known.get(topic, offsets), offsets, strict=True)]
        for topic, offsets in ends.items()
    }
    if begins == known:
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        draft.write_bytes(msgspec.json.encode({**every, settings.namespace: begins}))
        draft.replace(path)
    except OSError as error:  # as a mounted secret: readers go by the first signed record that they meet
        log.warning("monitor: cannot note where signed records begin", extra={"file": path, "reason": error})


def _read_begins(path: Path) -> dict[str, dict[str, list[int]]]:
    """By namespace and topic.

    Raises:
        KeyFileError: it is not what the monitor wrote.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, list[int]]])
    except msgspec.DecodeError:
        raise KeyFileError(f"{path} cannot be read; delete it, and restart the monitor") from None
