"""PostgreSQL for every process: connections that open on the namespace's schema."""

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg
import msgspec

from services.runtime.settings import Settings, SettingsError

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

CONNECT_WITHIN_S = 5.0
JSONB_VERSION = b"\x01"
UNAVAILABLE_CLASSES = frozenset({"08", "40", "53", "57"})
"""SQLSTATE classes that pass: connection, rolled back by others, no resources, operator."""
NO_DATABASE = "3D000"
AWAY = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""How the driver says that the connection is gone. The last is its answer when the server leaves between
two operations ("cannot switch to state ...; another operation is in progress"): in 3 of 54 runs."""


def is_unavailable(error: BaseException) -> bool:
    """Return whether ``error`` says that the database is away for now; the same may work later."""
    if isinstance(error, asyncpg.PostgresError):
        state: str = error.sqlstate or ""
        return state[:2] in UNAVAILABLE_CLASSES or state == NO_DATABASE
    return isinstance(error, AWAY) and not isinstance(error, ValueError)


async def connect(settings: Settings, *, command_timeout_s: float | None = None) -> Connection:
    """A connection whose ``search_path`` is the namespace, then ``public``; ``jsonb`` is plain Python.

    Raises:
        SettingsError: the password file cannot be used.
        OSError, TimeoutError, asyncpg.PostgresError: as ``is_unavailable`` tells apart.
    """
    ensure_password_file(settings.database_url)
    connection: Connection = await asyncpg.connect(
        settings.database_url,
        timeout=CONNECT_WITHIN_S,
        command_timeout=command_timeout_s,
        server_settings=_session(settings),
    )
    await _prepare(connection)
    return connection


@asynccontextmanager
async def pool(settings: Settings, *, size: int = 4) -> AsyncIterator[Pool]:
    """A pool of such connections."""
    ensure_password_file(settings.database_url)
    opened: Pool
    async with asyncpg.create_pool(
        settings.database_url,
        min_size=1,
        max_size=size,
        timeout=CONNECT_WITHIN_S,
        server_settings=_session(settings),
        init=_prepare,
    ) as opened:
        yield opened


def place(settings: Settings) -> str:
    """Host and port of the database, for messages: the address without user and password."""
    parts = urlsplit(settings.database_url)
    return f"{parts.hostname or 'localhost'}:{parts.port or 5432}"


def password_file(url: str) -> Path | None:
    """Return the database's password file: ``passfile`` of the URL, or else ``PGPASSFILE``, as psql has it.

    None: in the URL itself, or the database asks for none.
    """
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("passfile", [os.environ.get("PGPASSFILE", "")])[-1]
    return Path(named).absolute() if named and not parts.password else None


def ensure_password_file(url: str) -> None:
    """Say what is wrong with the password file; the driver would leave it out and send no password.

    Raises:
        SettingsError: it cannot be read, or others can read it.
    """
    path = password_file(url)
    if path is None:
        return
    if not os.access(path, os.R_OK):
        raise SettingsError(
            f"the database's password file {path} cannot be read: make up writes that of the local stack; "
            "name yours by PGPASSFILE, or by passfile= in MIYUN_DATABASE_URL"
        )
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"the database's password file {path} can be read by others: chmod 600 {path}")


def release_migrations() -> dict[str, str]:
    """Name and SHA-256 of each migration of this release; the recorder's files, read as data."""
    folder = files("services").joinpath("recorder", "migrations")
    return {
        file.name.removesuffix(".sql"): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


async def missing_migrations(connection: Connection) -> list[str]:
    """Migrations of this release that the namespace's schema has not had; all, where there is no schema."""
    ours = set(release_migrations())
    if await connection.fetchval("SELECT to_regclass('migrations')") is not None:
        ours -= {row["name"] for row in await connection.fetch("SELECT name FROM migrations")}
    return sorted(ours)


def _session(settings: Settings) -> dict[str, str]:
    return {
        "search_path": f"{settings.namespace},public",
        "timezone": "UTC",
        "application_name": f"miyun {settings.namespace}",
    }


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: JSONB_VERSION + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
        format="binary",
    )
