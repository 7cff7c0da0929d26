"""Readings counted in a window: each law a history of readings, and the transitions that must come of it."""

from dataclasses import replace

import pytest
from support.engine_log import MINUTE, SECOND, T0, Log, above, plan_of, point, rule

from schemas.base import Severity
from schemas.events import Scan
from schemas.kinds import Measure, RuleKind
from schemas.plan import Delay, Rule
from services.rules.kinds.count_in_window import REMEMBERED

WARN, MAJOR = Severity.WARN, Severity.MAJOR


def counting(*comparators: object, **settings: float) -> Rule:
    """At least 3 readings of 20 or more within 2 minutes raise it; below 1 it is over."""
    fields = {"kind": RuleKind.COUNT_IN_WINDOW, "measure": Measure.COUNT, "unit": "times"}
    levels = comparators or (above(WARN, 3, clear=1),)
    return rule("r.count", *levels, settings=settings or {"above": 20.0, "window_s": 120.0}, **fields)  # type: ignore[arg-type]


def log_of(one: Rule | None = None) -> Log:
    """A point read every 15 s, watched by the rule."""
    return Log(plan_of(point("a", "r.count"), rules=(one or counting(),)))


def story(log: Log, values: list[float | None], every_s: int = 15, start_s: int = 0) -> list[tuple[str, int]]:
    """One frame a value; what came of it, and after how many seconds."""
    before = len(log.story())
    for number, value in enumerate(values):
        log.read("a", T0 + (start_s + number * every_s) * SECOND, value)
    return [(reason, second) for reason, _, _, second in log.story()[before:]]


LAWS = [
    pytest.param([25, 25, 25], [("raised", 30)], id="three in a row raise it"),
    pytest.param([25, 5, 25, 5, 5, 25], [("raised", 75)], id="so do three with others between"),
    pytest.param([25, 25, 5, 5, 5, 5, 5, 5, 25, 5], [], id="two, and a third when the first has left"),
    pytest.param([25, None, 25, None, 25], [("raised", 60)], id="a bad reading counts for nothing"),
    pytest.param([20, 20, 19.9, 20], [("raised", 45)], id="the value itself counts"),
    pytest.param([5] * 20, [], id="no reading beyond it, nothing"),
    pytest.param([25] * 3 + [5] * 8, [("raised", 30), ("cleared", 150)], id="over when the last has left"),
    pytest.param([25] * 3 + [5] * 7, [("raised", 30)], id="not as long as one is left"),
    pytest.param([25] * 40, [("raised", 30)], id="one alert, however long it lasts"),
]


@pytest.mark.parametrize(("values", "expected"), LAWS)
def test_a_history_has_these_transitions(values: list[float | None], expected: list[tuple[str, int]]) -> None:
    """And no others."""
    assert story(log_of(), values) == expected


def test_readings_below_a_value_are_counted_as_well() -> None:
    """The mirror: less than the value counts, the value itself does not."""
    one = counting(below=10.0, window_s=120.0)
    assert story(log_of(one), [10, 10, 10, 10]) == []
    assert story(log_of(one), [9, 10, 9, 9]) == [("raised", 45)]


def test_levels_escalate_and_come_back_by_their_counts() -> None:
    """Four are worse than two; hysteresis is of the count."""
    log = log_of(counting(above(WARN, 2, clear=1), above(MAJOR, 4, clear=3)))
    assert [one for one, _ in story(log, [25] * 4 + [5] * 12)] == [
        "raised",
        "escalated",
        "deescalated",
        "cleared",
    ]


def test_a_delay_counts_from_when_the_count_was_reached() -> None:
    """As for any other kind: for 30 s, that is with the second reading more."""
    log = log_of(counting(above(WARN, 3, clear=1, on=Delay(ms=30 * SECOND))))
    assert story(log, [25] * 3 + [5]) == []
    assert story(log, [5], start_s=60) == [("raised", 60)]


def test_an_alert_is_held_while_nothing_comes_and_goes_on_with_what_the_window_still_holds() -> None:
    """Silence clears nothing. The first reading after a gap finds an empty window, and clears."""
    log = log_of()
    story(log, [25] * 3)
    for second in range(35, 600, 5):
        log.tick(T0 + second * SECOND)
    assert [reason for reason, *_ in log.story()] == ["raised", "held"]
    assert [reason for reason, _ in story(log, [25], start_s=600)] == ["resumed"]
    assert [reason for reason, _ in story(log, [5] * 9, start_s=615)] == ["cleared"]


def test_a_late_reading_is_not_counted() -> None:
    """It is aggregated, not judged, like any other; nor does one that came twice count twice."""
    log = log_of()
    story(log, [25, 5, 25])
    for _ in range(2):
        log.read("a", T0 + 20 * SECOND, 99.0, arrival=T0 + 31 * SECOND)
    log.read("a", T0 + 30 * SECOND, 25.0, arrival=T0 + 32 * SECOND)
    assert log.story() == []
    assert len(log.state.hot.windows["r.count|a"]) == 2


def test_frames_may_be_cut_in_any_way() -> None:
    """All readings in one frame count as they do one by one."""
    log = log_of()
    log.play(
        log.frame(*(Scan(at=T0 + n * 15 * SECOND, values={"a": v}) for n, v in enumerate([25.0, 5.0] * 3))),
        T0 + 75 * SECOND,
    )
    assert [(reason, second) for reason, _, _, second in log.story()] == [("raised", 60)]


def test_what_is_remembered_is_bounded() -> None:
    """A day of a reading a second keeps ``REMEMBERED``; without any beyond the value nothing is kept."""
    log = log_of(counting(above(WARN, 200, clear=100), above=20.0, window_s=86_400.0))
    story(log, [25] * (REMEMBERED + 50), every_s=1)
    window = log.state.hot.windows["r.count|a"]
    assert len(window) == REMEMBERED
    assert window[-1] == (T0 + (REMEMBERED + 49) * SECOND, 25.0, 1)
    assert [reason for reason, *_ in log.story()] == ["raised"]
    quiet = log_of()
    story(quiet, [5] * 50)
    assert quiet.state.hot.windows == {}


def test_other_settings_begin_anew() -> None:
    """A rule of another fingerprint does not count what the earlier one saw."""
    from services.rules.engine import change_plan

    log = log_of()
    story(log, [25, 25])
    changed = replace(counting(above=10.0, window_s=120.0), fingerprint="f" * 16)
    other = plan_of(point("a", "r.count"), rules=(changed,))
    log.state, _ = change_plan(log.state, log.cause(T0 + MINUTE), old=log.plan, new=other)
    assert log.state.hot.windows == {}


@pytest.mark.parametrize(
    ("settings", "zh", "en"),
    [
        ({"above": 20.0, "window_s": 120.0}, "2分钟内3次≥20 %LEL", "3 times ≥20 %LEL within 2 min"),
        ({"below": 30.5, "window_s": 90.0}, "90秒内3次<30.5 %LEL", "3 times <30.5 %LEL within 90 s"),
    ],
)
def test_the_headline_says_how_often_beyond_what_in_which_time(
    settings: dict[str, float], zh: str, en: str
) -> None:
    """In both languages."""
    log = log_of(counting(**settings))
    story(log, [25] * 3)
    headline = log.alerts()[0].headline
    assert headline.zh.endswith(zh)
    assert headline.en.endswith(en)
    assert log.alerts()[0].value == 3.0
