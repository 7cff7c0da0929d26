"""A signature holds for one record at one place, with a key that is there."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.output_records import EPOCH, Output, Outputs
from support.shown_alerts import alert

from schemas.alerts import Alert
from schemas.rejects import Rejection
from services.runtime.records.authenticity import (
    BEGIN_FILE,
    KEY_FILE,
    MAC,
    Authenticity,
    Signer,
    ensure_output_key,
    note_first_signed,
)
from services.runtime.settings import Settings
from services.runtime.signing import KeyFileError

NAMESPACE = "signed"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A namespace with keys of its own."""
    return Settings(_env_file=None, namespace=NAMESPACE, keys_dir=tmp_path / "keys")  # type: ignore[call-arg]


def signed(settings: Settings, record: Output) -> Output:
    """The record as the monitor writes it."""
    signer = Signer(ensure_output_key(settings.keys_dir))
    facts = {"key": record.key or b"", "value": record.value or b"", "headers": record.headers}
    return replace(record, headers=signer.sign(record.topic, record.partition, **facts))  # type: ignore[arg-type]


def told(settings: Settings, *records: Output) -> list[str]:
    """``alert``, or why a record is refused, as one reader sees them."""
    authenticity = Authenticity(settings)
    bodies = [authenticity.decode(record).body for record in records]
    return [one.detail if isinstance(one, Rejection) else type(one).__name__.lower() for one in bodies]


def test_a_signed_record_is_taken_and_nothing_of_it_can_be_exchanged(settings: Settings) -> None:
    """Topic, partition, key, value, headers and their order; offset and time are the broker's."""
    outputs = Outputs(NAMESPACE)
    good = signed(settings, outputs.alert(alert()))
    assert told(settings, good, replace(good, offset=9, timestamp=1)) == ["alert", "alert"]
    others = [
        replace(good, topic="other.alerts"),
        replace(good, partition=good.partition + 1),
        replace(good, key=b"110119"),
        replace(good, value=(good.value or b"") + b" "),
        replace(good, headers=[("ce_more", b""), *good.headers]),
        replace(good, headers=good.headers[1:]),
        replace(good, headers=[good.headers[1], good.headers[0], *good.headers[2:]]),
        replace(good, headers=[*good.headers, good.headers[-1]]),
        replace(good, key=None),
    ]
    assert "alert" not in told(settings, *others)


def test_checkpoints_are_signed_tombstones_too(settings: Settings) -> None:
    """The signature of a tombstone is not that of an empty snapshot, nor of another key or place."""
    signer, authenticity = Signer(ensure_output_key(settings.keys_dir)), Authenticity(settings)
    topic, key, bare = f"{NAMESPACE}.monitor-state", b"gas-1", [("epoch", EPOCH.encode())]

    def written(value: bytes | None, signed_as: bytes | None, key: bytes = key, partition: int = 3) -> Output:
        headers = signer.sign(topic, 3, key=b"gas-1", value=signed_as, headers=list(bare))
        return Output(topic, partition, 5, 0, key, value, headers)

    assert authenticity.doubt(written(None, None)) is None
    assert authenticity.doubt(written(b"\x03", b"\x03")) is None
    others = [
        written(b"", None),
        written(None, b""),
        written(None, None, b"gas-2"),
        written(None, None, key, 4),
    ]
    assert [authenticity.doubt(one) for one in others] == ["the signature does not hold"] * 4
    assert authenticity.doubt(replace(written(None, None), headers=bare)) == "no signature"


def test_what_is_older_than_the_first_signed_offset_is_taken_unsigned(settings: Settings) -> None:
    """By the file, per partition; a partition is also closed by the first signed record that is met."""
    outputs = Outputs(NAMESPACE)
    first, second, third = (outputs.alert(alert(seq=n)) for n in (1, 2, 3))
    assert told(settings, first, second) == ["alert", "alert"], "nobody has signed yet"
    assert told(settings, first, signed(settings, second), third) == ["alert", "alert", "no signature"]
    begins = [0] * 4
    begins[first.partition] = 1
    note_first_signed(settings, {"alerts": begins})
    assert told(settings, third, second, first) == ["no signature", "no signature", "alert"]
    elsewhere = replace(first, partition=(first.partition + 1) % 4)
    assert told(settings, elsewhere) == ["no signature"]
    other = Settings(_env_file=None, namespace="other", keys_dir=settings.keys_dir)  # type: ignore[call-arg]
    assert told(other, replace(third, topic="other.alerts")) == ["alert"]


def test_a_reader_that_runs_learns_where_signed_records_begin(settings: Settings) -> None:
    """It was started before the monitor ever was."""
    outputs, authenticity = Outputs(NAMESPACE), Authenticity(settings)
    first, second = outputs.alert(alert(seq=1)), outputs.alert(alert(seq=2))
    assert isinstance(authenticity.decode(first).body, Alert)
    ensure_output_key(settings.keys_dir)
    note_first_signed(settings, {"alerts": [1] * 4})
    assert isinstance(authenticity.decode(second).body, Rejection)


def test_where_signed_records_begin_is_noted_once(settings: Settings) -> None:
    """A later start finds longer topics; one that was made again is shorter."""
    settings.keys_dir.mkdir()
    note_first_signed(settings, {"alerts": [5, 0, 7, 2]})
    note_first_signed(settings, {"alerts": [9, 4, 7, 0]})
    text = (settings.keys_dir / BEGIN_FILE).read_text()
    assert text == '{"signed":{"alerts":[5,0,7,0]}}'


def test_another_key_is_no_key_until_it_is_there(settings: Settings) -> None:
    """Its file may come while a reader runs, under any name that begins like the key's."""
    record = signed(settings, Outputs(NAMESPACE).alert(alert()))
    authenticity = Authenticity(settings)
    path = settings.keys_dir / KEY_FILE
    kept = path.read_text()
    path.unlink()
    ensure_output_key(settings.keys_dir)
    refused = authenticity.decode(record).body
    assert isinstance(refused, Rejection)
    assert f"signed with key {dict(record.headers)[MAC][:8].hex()}" in refused.detail
    old = path.with_name("outputs-old.key")
    old.write_text(kept)
    old.chmod(0o600)
    assert isinstance(authenticity.decode(record).body, Alert)


@pytest.mark.parametrize("what", ["gone", "readable by others", "no key", "no begin"])
def test_without_a_usable_key_nothing_signed_is_read(settings: Settings, what: str) -> None:
    """The error says what to do; unsigned records of a namespace that nobody signs are read."""
    record = signed(settings, Outputs(NAMESPACE).alert(alert()))
    path = settings.keys_dir / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    if what == "gone":
        path.unlink()
    elif what == "readable by others":
        path.chmod(0o644)
    elif what == "no key":
        path.write_text("junk")
    else:
        (settings.keys_dir / BEGIN_FILE).write_text("junk")
        record = Outputs(NAMESPACE).alert(alert())
    with pytest.raises(KeyFileError, match=r"copy outputs|chmod 600|restore it|delete it"):
        Authenticity(settings).decode(record)
    if what == "gone":
        assert told(settings, Outputs(NAMESPACE, epoch=EPOCH).alert(alert())) == ["alert"]
