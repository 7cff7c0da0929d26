"""Every refusal has words and a status."""

import pytest

from services.console.failure import STATUS, RefusedError
from services.console.words import MESSAGE


@pytest.mark.parametrize("code", sorted(STATUS))
def test_a_code_has_words_in_both_languages(code: str) -> None:
    """And its own status."""
    refused = RefusedError(code)
    assert (refused.code, refused.status) == (code, STATUS[code])
    assert set(MESSAGE[code]) == {"zh", "en"}


def test_what_the_monitor_refuses_is_a_conflict() -> None:
    """Known reasons have words of their own, others are named in the usual ones."""
    assert (RefusedError("stale_view").code, RefusedError("stale_view").status) == ("stale_view", 409)
    other = RefusedError("bad_signature", reason="the key is not in the plan")
    assert (other.code, other.status) == ("not_applied", 409)
    assert "the key is not in the plan" in other.body().message.en
