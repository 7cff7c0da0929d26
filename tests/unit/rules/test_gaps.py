"""Readings with gaps between them, odd values, limits met exactly (JUDGING 5-7)."""

import struct

import pytest
from support.engine_log import MINUTE, SECOND, T0, Log, above, below, plan_of, point, rule

from schemas.base import Severity
from schemas.events import Scan
from schemas.kinds import Measure, RuleKind
from schemas.plan import Delay, Ratio

HOUR = 60 * MINUTE
BAD = rule(
    "any.quality", above(Severity.NOTICE, 3, clear=3), kind=RuleKind.QUALITY, measure=Measure.BAD_SCANS
)


@pytest.mark.parametrize("every_s", [16, 60, 600, 3_600, 12 * 3_600])
def test_sparse_readings_that_agree_raise_and_clear(every_s: int) -> None:
    """A radio link that loses most: what both sides of a gap say lasted through it."""
    gas = rule(
        "gas.test", above(Severity.MAJOR, 20, on=Delay(ms=MINUTE), off=Delay(ms=MINUTE)), life_safety=True
    )
    log = Log(plan_of(point("h2s", "gas.test", life_safety=True), rules=(gas,)))
    for number in range(10):
        log.read("h2s", T0 + number * every_s * SECOND, 60.0)
    for number in range(10, 20):
        log.read("h2s", T0 + number * every_s * SECOND, 0.5)
    assert [entry[0] for entry in log.changes()] == ["raised", "cleared"]
    if every_s > 45:
        assert "最长间隔" in log.alerts()[0].headline.zh
        assert log.changes()[1][3] == 12 * every_s  # the third reading within limits


def test_a_gap_beyond_the_bridge_begins_anew() -> None:
    """Elsewhere twelve intervals, at least an hour, count as lasting."""
    cold = rule("heat.test", below(Severity.WARN, 16, on=Delay(ms=2 * HOUR)))
    log = Log(plan_of(point("room", "heat.test", expected_every_s=300), rules=(cold,)))
    for hour in (0.0, 1.0, 2.5, 3.5):
        log.read("room", T0 + round(hour * HOUR), 10.0)
    assert log.changes() == []
    log.read("room", T0 + round(4.5 * HOUR), 10.0)
    assert log.changes() == [("raised", "B", "warn", 16_200)]


def test_a_mean_is_weighed_by_time() -> None:
    """One scan in four of a mean over an hour: a value holds for three intervals at most."""
    mean = rule("room.mean", above(Severity.WARN, 50, clear=40), mean_ms=HOUR)
    log = Log(plan_of(point("room", "room.mean", expected_every_s=60), rules=(mean,)))
    for number in range(20):
        log.read("room", T0 + number * 4 * MINUTE, 60.0)
    assert [entry[:3] for entry in log.changes()] == [("raised", "B", "warn")]


DRIFT = [(-0.2, "good"), (-4.9, "good"), (104.0, "good"), (-6.0, "bad"), (65_535.0, "end")]


@pytest.mark.parametrize(("value", "fate"), DRIFT)
def test_a_little_beyond_the_range_is_its_end(value: float, fate: str) -> None:
    """Detectors drift around zero; what is far beyond is no reading, and an end where danger lies there."""
    gas = rule("gas.test", above(Severity.CRITICAL, 50), life_safety=True)
    log = Log(plan_of(point("ch4", "gas.test", "any.quality", life_safety=True), rules=(gas, BAD)))
    log.read("ch4", T0, 30.0)
    for number in range(1, 5):
        log.read("ch4", T0 + number * 15 * SECOND, value)
    rules = {alert.rule_id for alert in log.alerts()}
    assert ("any.quality" in rules) is (fate != "good")
    assert ("gas.test" in rules) is (fate == "end" or value > 100)
    if fate == "end":
        assert "读数65535" in log.alerts()[0].headline.zh.replace("读数6.5535e+04", "读数65535")


def test_a_dead_bus_is_no_danger() -> None:
    """Every value of a scan beyond its range: the instruments are not heard, and that is told at once."""
    gas = rule("gas.test", above(Severity.CRITICAL, 50), life_safety=True)
    points = [point(code, "gas.test", "any.quality", life_safety=True) for code in ("a", "b")]
    log = Log(plan_of(*points, rules=(gas, BAD)))
    log.play(log.frame(Scan(at=T0, values={"a": 65_535.0, "b": 65_535.0})), T0)
    assert {alert.rule_id for alert in log.alerts()} == {"any.quality"}


RATIOS = [(125.0, 100.0, "raised"), (0.4, 0.0, "quality"), (0.5, 0.5, "quality"), (4.0, 100.0, "quiet")]


@pytest.mark.parametrize(("part", "whole", "fate"), RATIOS)
def test_a_ratio_beyond_its_range_is_its_end(part: float, whole: float, fate: str) -> None:
    """More is made up than flows; nothing flows: the one is a danger, the other cannot be computed."""
    makeup = rule("heat.makeup", above(Severity.CRITICAL, 5, on=Delay(ms=30 * MINUTE)), unit="%")
    wide = {"high": 1_000.0, "expected_every_s": 60}
    computed = point(
        "pct",
        "heat.makeup",
        "any.quality",
        unit="%",
        computed=Ratio(part="m", whole="f"),
        expected_every_s=60,
    )
    log = Log(plan_of(point("m", **wide), point("f", **wide), computed, rules=(makeup, BAD)))
    for number in range(40):
        at = T0 + number * MINUTE
        log.play(log.frame(Scan(at=at, values={"m": part, "f": whole})), at)
    found = [alert.rule_id for alert in log.alerts() if alert.timeline[-1].reason == "raised"]
    assert found == {"raised": ["heat.makeup"], "quality": ["any.quality"], "quiet": []}[fate]


def float32(value: float) -> float:
    """As a device sends it that counts in single precision."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


@pytest.mark.parametrize("reference", [0.27, 0.3, 0.65, 0.7, 1.1, 0.4, 33.3])
@pytest.mark.parametrize("percent", [-30, -10, 5, 10, 30])
def test_a_percentage_is_met_exactly(reference: float, percent: int) -> None:
    """What a person computes is at the limit is at it, for every reference."""
    side = above if percent > 0 else below
    limit = rule(
        "water.test",
        side(Severity.WARN, percent, clear=percent - 1 if percent > 0 else percent + 1),
        measure=Measure.PERCENT_FROM_REFERENCE,
    )
    log = Log(plan_of(point("p", "water.test", reference=reference, low=-1e3, high=1e3), rules=(limit,)))
    log.read("p", T0, round(reference * (1 + percent / 100), 9))
    assert bool(log.alerts()) is (percent > 0)  # at least above, but less than below


@pytest.mark.parametrize("limit", [0.16, 0.1, 0.3, 1.1, 16.0])
def test_single_precision_is_not_below_its_own_limit(limit: float) -> None:
    """float32(0.16) is 0.1599999964: nobody would say that it is less than 0.16."""
    low = rule("water.low", below(Severity.WARN, limit, clear=limit * 1.1))
    log = Log(plan_of(point("p", "water.low"), rules=(low,)))
    log.read("p", T0, float32(limit))
    assert log.alerts() == []


def test_the_other_side_is_told() -> None:
    """180 V, then 270 V: the alert says what is true now."""
    band = rule(
        "v.band", below(Severity.WARN, 187, clear=190), above(Severity.WARN, 253, clear=250), unit="V"
    )
    log = Log(plan_of(point("v", "v.band", low=0.0, high=500.0), rules=(band,)))
    log.read("v", T0, 180.0)
    log.read("v", T0 + 15 * SECOND, 270.0)
    assert [entry[0] for entry in log.changes()] == ["raised", "side_changed"]
    assert log.alerts()[-1].limit_value == 253


def test_a_lower_level_is_on_while_a_higher_one_is() -> None:
    """Critical ends at 30; warn needs three samples, but the danger never stopped."""
    gas = rule("gas.test", above(Severity.WARN, 10, on=Delay(samples=3)), above(Severity.CRITICAL, 50))
    log = Log(plan_of(point("ch4", "gas.test"), rules=(gas,)))
    log.read("ch4", T0, 60.0)
    log.read("ch4", T0 + 15 * SECOND, 30.0)
    assert [entry[:3] for entry in log.changes()] == [
        ("raised", "B", "critical"),
        ("deescalated", "B", "warn"),
    ]
