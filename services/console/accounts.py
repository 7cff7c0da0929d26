"""Accounts of the console: passwords as argon2id hashes, never anything else."""

import asyncio
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from services.console.sessions import Account
from services.console.words import ACCOUNT
from services.runtime.postgres import Connection
from services.runtime.queries import queries
from services.runtime.words import ExplainedError, sentence

LEAST_LENGTH = 12
HASHER = PasswordHasher()
"""argon2-cffi's defaults follow RFC 9106's recommendation for low memory."""
NOBODY = HASHER.hash("nobody has this password")
"""Verified for unknown names, so that they take as long as known ones."""


class PasswordError(ExplainedError):
    """A password is not taken; the message says why."""


async def set_account(connection: Connection, account: Account, password: str) -> None:
    """Make the account, or give it this role, language and password.

    Raises:
        PasswordError: shorter than 12 characters.
    """
    if len(password) < LEAST_LENGTH:
        raise PasswordError(sentence(ACCOUNT, "short", least=LEAST_LENGTH))
    hashed = await asyncio.to_thread(HASHER.hash, password)
    await connection.execute(
        queries(__package__)["account_upsert"], account.person, account.role, account.language, hashed
    )


def first_line(file: Path) -> str:
    """The password in a file.

    Raises:
        PasswordError: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError as error:
        raise PasswordError(sentence(ACCOUNT, "unread", file=file, why=error.strerror)) from None


async def sign_in(connection: Connection, name: str, password: str) -> Account | None:
    """The account of this name, if that is its password."""
    row = await connection.fetchrow(queries(__package__)["account_of"], name)
    known = NOBODY if row is None else row["password_hash"]
    fits = await asyncio.to_thread(_fits, known, password)
    return Account(row["person"], row["role"], row["language"]) if row is not None and fits else None


def _fits(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False
