"""Secrets in files that only their owner may read."""

import os
import secrets
from pathlib import Path
from uuid import uuid4

from services.runtime.settings import Settings
from services.runtime.words import ExplainedError

SECRET_NAME = "webhook.secret"  # noqa: S105  # a file's name
SECRET_BYTES = 32
SHORTEST = 16


class PrivateFileError(ExplainedError):
    """A secret cannot be used; the message names the file and says what to do, never what it holds."""

    exit_code = 2


def read_private(path: Path) -> str:
    """The first line of a file.

    Raises:
        PrivateFileError: it is not there, empty, or others can read it.
    """
    line = _text(path).partition("\n")[0].strip()
    if not line:
        raise PrivateFileError(f"{path}: is empty; it holds one line")
    return line


def private_lines(path: Path) -> list[tuple[int, str]]:
    """The lines of a file that say something, with their numbers; those that begin with ``#`` do not.

    Raises:
        PrivateFileError: the file is not there, or others can read it.
    """
    lines = enumerate(map(str.strip, _text(path).splitlines()), 1)
    return [(number, line) for number, line in lines if line and not line.startswith("#")]


def _text(path: Path) -> str:
    try:
        mode = path.stat().st_mode & 0o777
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise PrivateFileError(f"{path}: cannot be read: {why}") from None
    if mode & 0o077:
        raise PrivateFileError(f"{path}: has mode {mode:04o}, others can read it; chmod 600 {path}")
    return text


def webhook_secret(settings: Settings) -> bytes:
    """The secret that signs webhooks; made at its first use unless MIYUN_WEBHOOK_SECRET_FILE names a file.

    Raises:
        PrivateFileError: the file cannot be used.
    """
    path = settings.webhook_secret_file
    if path is None:
        path = settings.keys_dir / SECRET_NAME
        if not path.exists():
            _create(path)
    secret = read_private(path)
    if len(secret) < SHORTEST:
        raise PrivateFileError(f"{path}: is too short; at least {SHORTEST} characters")
    return secret.encode()


def _create(path: Path) -> None:
    """Exclusive creation: of two processes at their first start, one makes the secret."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(SECRET_BYTES) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
