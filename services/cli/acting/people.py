"""Names and texts that people type for a signed command, checked before it is signed."""

import getpass
import os
import re

import typer

from schemas.base import ID_PATTERN

MAX_TEXT = 2_000
"""Characters of a person's text on the log (``schemas.base.Text``)."""


def actor_name(given: str | None) -> str:
    """The person's name, by default $USER or the account's, in the alphabet of ids: it is signed and kept.

    Raises:
        typer.BadParameter: there is no name, or the log would reject it.
    """
    name = given or os.environ.get("USER") or _account()
    if not re.fullmatch(ID_PATTERN, name):
        raise typer.BadParameter(
            f"{name!r} is no name to sign with: give --actor, 1 to 64 of A-Z a-z 0-9 _ . : -"
        )
    return name


def _account() -> str:
    """The account's name where $USER is not set, as in containers; empty when it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def checked_text(text: str) -> str:
    """Words of a person, as the log takes them.

    Raises:
        typer.BadParameter: there are none, or the log would reject them.
    """
    if not text.strip() or len(text) > MAX_TEXT or "\x00" in text:
        raise typer.BadParameter(f"the text must have 1 to {MAX_TEXT} characters, none of them NUL")
    return text
