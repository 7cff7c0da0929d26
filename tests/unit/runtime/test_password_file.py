"""The database's password in a file of its own: where it is looked for, and what is said when it cannot be
used."""

import asyncio
from pathlib import Path

import pytest

from services.runtime.postgres import connect, password_file, pool
from services.runtime.settings import Settings, SettingsError

NOWHERE = "postgresql://miyun@127.0.0.1:1/miyun"


@pytest.fixture(autouse=True)
def no_file_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own servers may have one."""
    monkeypatch.delenv("PGPASSFILE", raising=False)


def test_the_url_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As psql has it: a password in the URL, then its ``passfile``, then ``PGPASSFILE``."""
    assert password_file(NOWHERE) is None
    monkeypatch.setenv("PGPASSFILE", "/of/environment")
    assert password_file(NOWHERE) == Path("/of/environment")
    assert password_file(f"{NOWHERE}?passfile=%2Fof%2Furl") == Path("/of/url")
    assert password_file("postgresql://miyun:secret@127.0.0.1:1/miyun?passfile=%2Fof%2Furl") is None


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    """The driver would go on without a password, and the database would only say that it was wrong."""
    path = tmp_path / "pgpass"
    with pytest.raises(SettingsError, match=rf"{path} cannot be read: make up .* PGPASSFILE"):
        open_by(f"{NOWHERE}?passfile={path}")


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The driver would leave it out; the message says how to mend it."""
    path = written(tmp_path, mode)
    with pytest.raises(SettingsError, match=rf"{path} can be read by others: chmod 600 {path}"):
        open_by(f"{NOWHERE}?passfile={path}")


def test_a_private_file_is_taken(tmp_path: Path) -> None:
    """Nothing is wrong but that no server listens there."""
    with pytest.raises(ConnectionRefusedError):
        open_by(f"{NOWHERE}?passfile={written(tmp_path, 0o600)}")


def test_pools_look_at_the_file_too(tmp_path: Path) -> None:
    """The console has nothing but a pool."""

    async def enter() -> None:
        async with pool(Settings(_env_file=None, database_url=f"{NOWHERE}?passfile={tmp_path / 'none'}")):  # type: ignore[call-arg]
            pass

    with pytest.raises(SettingsError, match="cannot be read"):
        asyncio.run(enter())


def open_by(url: str) -> None:
    """Connect to the database of this URL."""
    asyncio.run(connect(Settings(_env_file=None, database_url=url)))  # type: ignore[call-arg]


def written(folder: Path, mode: int) -> Path:
    """A password file of this mode."""
    path = folder / "pgpass"
    path.write_text("127.0.0.1:*:*:miyun:secret\n")
    path.chmod(mode)
    return path
