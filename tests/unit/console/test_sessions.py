"""Sessions end, and passwords cannot be tried for ever."""

from services.console.sessions import (
    IDLE_S,
    LONGEST_S,
    MOST_TRIES,
    TRIES_WITHIN_S,
    Account,
    Sessions,
    Tries,
)

OPERATOR = Account("op", "operator", "zh")


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def test_a_session_lasts_while_it_is_used() -> None:
    """Eight hours after the last use it is over; a look by the feed is no use."""
    clock = Clock()
    sessions = Sessions(clock)
    token, begun = sessions.begin(OPERATOR)
    clock.now += IDLE_S
    assert sessions.of(token, touch=False) == begun
    assert sessions.of(token) is not None
    clock.now += IDLE_S
    assert sessions.of(token, touch=False) is not None
    clock.now += 1
    assert sessions.of(token) is None


def test_a_session_is_over_after_a_day() -> None:
    """However busily it is used."""
    clock = Clock()
    sessions = Sessions(clock)
    token, _ = sessions.begin(OPERATOR)
    for _ in range(int(LONGEST_S // IDLE_S)):
        clock.now += IDLE_S
        assert sessions.of(token) is not None
    clock.now += 1
    assert sessions.of(token) is None


def test_who_signs_out_is_out() -> None:
    """Tokens differ; a strange one is nobody's."""
    sessions = Sessions(Clock())
    one, other = (sessions.begin(OPERATOR)[0] for _ in range(2))
    sessions.end(one)
    assert sessions.of(one) is None
    assert sessions.of(other) is not None
    assert sessions.of("strange") is None
    assert sessions.of(None) is None


def test_roles_and_tokens() -> None:
    """Viewers and crews do not acknowledge at the desk; a token is its session's alone."""
    sessions = Sessions(Clock())
    assert {
        r
        for r in ("viewer", "operator", "crew", "supervisor", "admin")
        if sessions.begin(Account("p", r, "zh"))[1].may_act()
    } == {  # type: ignore[arg-type]
        "operator",
        "supervisor",
        "admin",
    }
    one, other = (sessions.begin(OPERATOR)[1] for _ in range(2))
    assert one.owns(one.csrf)
    assert not one.owns(other.csrf)
    assert not one.owns("ü")


def test_a_password_is_tried_five_times() -> None:
    """Then not for five minutes; a right one forgets the wrong ones; names do not hinder each other."""
    clock = Clock()
    tries = Tries(clock)
    for _ in range(MOST_TRIES):
        assert not tries.are_too_many("op")
        tries.failed("op")
    assert tries.are_too_many("op")
    assert not tries.are_too_many("li")
    clock.now += TRIES_WITHIN_S + 1
    assert not tries.are_too_many("op")
    for _ in range(MOST_TRIES - 1):
        tries.failed("op")
    tries.succeeded("op")
    tries.failed("op")
    assert not tries.are_too_many("op")
