"""What a person types for a signed command."""

import os
import pwd

import pytest
import typer

from schemas.events import Command, CommandName
from schemas.rejects import RejectReason
from services.cli.acting.people import MAX_TEXT, actor_name, checked_text
from services.cli.acting.words import ADVICE
from services.runtime.words import REFUSED


def test_the_actor_is_the_signed_in_user_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """``--actor`` goes before $USER."""
    monkeypatch.setenv("USER", "wang.li")

    assert actor_name(None) == "wang.li"
    assert actor_name("zhao") == "zhao"


def test_without_a_user_variable_the_account_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """In containers $USER is often not set."""
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    assert actor_name(None) == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize("name", ["王力", "a b", "x" * 65, "a\nb", "a\n"])
def test_a_name_that_the_log_would_reject_is_refused_before_it_is_signed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alphabet is that of ids on the log."""
    monkeypatch.setenv("USER", name)

    with pytest.raises(typer.BadParameter, match="--actor"):
        actor_name(None)


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "x" * (MAX_TEXT + 1)])
def test_words_that_the_log_would_reject_are_refused(text: str) -> None:
    """Empty, too long, or with a NUL."""
    with pytest.raises(typer.BadParameter):
        checked_text(text)


def test_words_of_full_length_fit_the_log() -> None:
    """The longest text that we let pass is one that a command may carry."""
    text = checked_text("井" * MAX_TEXT)

    Command(
        id="c", station="s", name=CommandName.COMMENT, target="a", seen_seq=1, actor="x", signer="cli",
        key_id="k", issued=1_768_302_005_000, expires=1_768_302_305_000, body={"text": text}, signature="",
    )  # fmt: skip


def test_advice_on_rejections_is_for_reasons_that_exist() -> None:
    """No word that the monitor never says."""
    assert set(ADVICE) - {"any"} <= set(RejectReason) | set(REFUSED)
    assert set(ADVICE) >= set(REFUSED), "what the monitor refuses has its remedy"
