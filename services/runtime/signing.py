"""Ed25519 signatures of commands and plan events, and the key files they are made with."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.events import Command, CommandName, PlanEvent, signing_bytes
from services.runtime.words import ExplainedError

PUBLISHER, CLI, CONSOLE, SIMULATOR = "publisher", "cli", "console", "simulator"
SIGNERS = (PUBLISHER, CLI, CONSOLE, SIMULATOR)
"""Services that may sign; the person is a signed field."""
PRIVATE_MODE = 0o600


class KeyFileError(ExplainedError):
    """A key file cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A signer's private key. ``key_id`` is the beginning of its public key's sha256."""

    signer: str
    key_id: str
    public_key: str
    """Hex."""
    private: Ed25519PrivateKey


def ensure_key(keys_dir: Path, signer: str) -> SigningKey:
    """The signer's key, made at its first use: ``<signer>.key`` (0600) and ``<signer>.pub`` (hex).

    Raises:
        KeyFileError: the private file is readable by others, or is no key.
    """
    path = keys_dir / f"{signer}.key"
    if not path.exists():
        _create(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyFileError(f"{path} has mode {mode:04o}: others can read it; chmod 600 {path}")
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))
    except ValueError:
        message = f"{path} holds no Ed25519 key in hex; restore it, or delete it for a new one"
        raise KeyFileError(message) from None
    public = private.public_key().public_bytes_raw().hex()
    public_file = path.with_suffix(".pub")
    if not public_file.exists() or public_file.read_text().strip() != public:
        public_file.write_text(public + "\n")
    return SigningKey(signer, key_id_of(public), public, private)


def key_id_of(public_key: str) -> str:
    """The short name of a public key (hex)."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def _create(path: Path) -> None:
    """Exclusive creation: of two processes at their first start, one makes the key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
    with os.fdopen(descriptor, "w") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def sign_command(key: SigningKey, name: CommandName, **fields: Any) -> Command:
    """A signed command. ``fields``: station, target, seen_seq, actor, issued, expires, body, and
    ``id`` when it is not to be a new one (all but signer, key and signature)."""
    unsigned = Command(
        **{"id": str(uuid4()), **fields}, name=name, signer=key.signer, key_id=key.key_id, signature=""
    )
    return unsigned.model_copy(update={"signature": key.private.sign(signing_bytes(unsigned)).hex()})


def sign_plan_event(key: SigningKey, plan: str, **fields: Any) -> PlanEvent:
    """A signed plan event: from its record on, a partition is judged by ``plan`` (sha256).

    ``fields``: actor, issued, expires, epoch, number, and ``id`` when it is not to be a new one.
    """
    unsigned = PlanEvent(
        **{"id": str(uuid4()), **fields}, plan=plan, signer=key.signer, key_id=key.key_id, signature=""
    )
    return unsigned.model_copy(update={"signature": key.private.sign(signing_bytes(unsigned)).hex()})


def is_public_key(text: str) -> bool:
    """Return whether ``text`` is an Ed25519 public key in hex."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError:
        return False
    return True


def verify(event: Command | PlanEvent, public_key: str) -> bool:
    """Return whether the event's signature holds under a public key (hex). Any defect is False."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(event.signature), signing_bytes(event))
    except (ValueError, InvalidSignature):
        return False
    return True
