"""Signatures: nobody changes a field unnoticed; private keys are nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.events import Command, CommandName
from services.runtime.signing import KeyFileError, ensure_key, sign_command, sign_plan_event, verify

AT = 1_768_300_800_000
FIELDS = {
    "station": "gas-1",
    "target": "a-1",
    "seen_seq": 1,
    "actor": "zhang",
    "issued": AT,
    "expires": AT + 1,
    "body": {"note": "on my way"},
}


def signed(folder: Path) -> tuple[Command, str]:
    """A command and the public key that it holds under."""
    key = ensure_key(folder, "cli")
    return sign_command(key, CommandName.ACK, **FIELDS), key.public_key


def test_a_signature_holds_for_what_was_signed(tmp_path: Path) -> None:
    """Also after a trip through JSON."""
    command, public = signed(tmp_path)
    assert verify(Command.model_validate_json(command.model_dump_json()), public)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "li"},
        {"target": "a-2"},
        {"seen_seq": 2},
        {"body": {"note": "x"}},
        {"expires": AT + 2},
        {"id": "y"},
        {"name": CommandName.COMMENT},
        {"signature": ""},
        {"signature": "zz"},
    ],
)
def test_any_changed_field_breaks_it(tmp_path: Path, change: dict) -> None:
    """The signature covers every field but itself."""
    command, public = signed(tmp_path)
    assert not verify(command.model_copy(update=change), public)


def test_another_key_does_not_fit(tmp_path: Path) -> None:
    """Nor does rubbish instead of a key."""
    command, _ = signed(tmp_path)
    assert not verify(command, ensure_key(tmp_path, "console").public_key)
    assert not verify(command, "rubbish")


def test_plan_events_are_signed_likewise(tmp_path: Path) -> None:
    """A plan event for another plan is not this one."""
    key = ensure_key(tmp_path, "publisher")
    event = sign_plan_event(key, "a" * 64, actor="li", issued=AT, expires=AT + 1)
    assert verify(event, key.public_key)
    assert not verify(event.model_copy(update={"plan": "b" * 64}), key.public_key)


def test_a_key_is_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    """The same key at the second call; a file that others can read is refused, saying what to do."""
    first, second = ensure_key(tmp_path, "cli"), ensure_key(tmp_path, "cli")
    path = tmp_path / "cli.key"
    assert (first.public_key, path.stat().st_mode & 0o777) == (second.public_key, 0o600)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        ensure_key(tmp_path, "cli")


@pytest.mark.parametrize("text", ["", "rubbish", "abcd"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """It says what to do instead of making another key in its place."""
    path = tmp_path / "cli.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="delete it for a new one"):
        ensure_key(tmp_path, "cli")
    assert path.read_text() == text


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    """Of several that find none, one makes it and all use it; no draft stays behind."""
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: ensure_key(tmp_path, "cli").public_key, range(16)))
    assert len(set(keys)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cli.key", "cli.pub"]
    assert (tmp_path / "cli.pub").read_text() == keys[0] + "\n"
