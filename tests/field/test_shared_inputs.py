"""The shared small inputs from the field, judged as their README says: its table, word for word."""

import json
from collections.abc import Callable

import pytest
from support.field_log import FIELD, T0, Came, judged_file
from support.programs import bare_environment, miyun_process
from support.shipped_city import CITY

LEL = "gas.station_lel"
Check = Callable[[Came], None]


def critical(came: Came) -> None:
    """``gas.station_lel`` critical."""
    assert came.raised(LEL, "critical")


def critical_under_a_clock_fault(came: Came) -> None:
    """``gas.station_lel`` critical, marked clock fault; ``any.clock_fault``."""
    assert any(line["clock_fault"] for line in came.raised(LEL, "critical"))
    assert came.clock_faults


def said(*words: str) -> Check:
    """The clock's fault is said, and which it is; the station is not silent."""

    def check(came: Came) -> None:
        critical(came)
        assert any(word in str(line["headline"]) for line in came.clock_faults for word in words)
        assert not came.whole_station
        assert not [line for line in came.lines if line["type"] == "condition" and line["state"] == "silent"]

    return check


def one_refused(code: str) -> Check:
    """``gas.station_lel`` critical; that value refused with its reason."""

    def check(came: Came) -> None:
        critical(came)
        assert came.rejections(code)

    return check


def raised_at_the_older_scan(came: Came) -> None:
    """``gas.station_lel`` critical raised at the older scan, clearing after: nothing worse follows."""
    (raised,) = came.raised(LEL, "critical")
    assert (raised["reason"], raised["at"]) == ("raised", T0)
    assert {line["reason"] for line in came.transitions(LEL)} <= {"raised", "cleared", "held"}


def major(came: Came) -> None:
    """``sewer.h2s_room`` major."""
    assert came.raised("sewer.h2s_room", "major")


def cleared(came: Came) -> None:
    """``sewer.h2s_room`` raised, then cleared."""
    assert came.raised("sewer.h2s_room", "major")
    assert came.cleared("sewer.h2s_room")


def make_up(came: Came) -> None:
    """``heat.pri_makeup`` critical."""
    assert came.raised("heat.pri_makeup", "critical")


def make_up_or_quality(came: Came) -> None:
    """``heat.pri_makeup`` critical, or ``any.quality`` of ``makeup_pct`` and its alerts held."""
    if came.raised("heat.pri_makeup", "critical"):
        return
    assert came.transitions("any.quality", "makeup_pct", ("raised",))
    assert not came.cleared("heat.pri_makeup")


def cleared_without_quality(came: Came) -> None:
    """Cleared; no ``any.quality``."""
    assert came.raised(LEL, "major")
    assert came.cleared(LEL)
    assert not came.transitions("any.quality")


def high_pressure(came: Came) -> None:
    """``water.high_pressure`` warn."""
    (raised,) = came.raised("water.high_pressure", "warn")
    assert raised["severity"] == "warn"


def none(came: Came) -> None:
    """No alert of what was read, and nothing rejected."""
    assert came.about("pressure_mpa") == []
    assert came.rejections() == []


def no_station(came: Came) -> None:
    """No alert of the station as a whole; each of what is silent."""
    assert came.whole_station == []
    assert came.transitions("any.no_data")


def taken(came: Came) -> None:
    """Taken: nothing is rejected."""
    assert came.rejections() == []


TABLE: dict[str, Check] = {
    "01": critical_under_a_clock_fault,
    "02": critical,
    "03": said("慢"),
    "03b": said("停"),
    "04": one_refused("temperature_c"),
    "04b": one_refused("温度"),
    "05": critical,
    "06": raised_at_the_older_scan,
    "07": major,
    "07b": cleared,
    "08": make_up,
    "08b": make_up_or_quality,
    "09": cleared_without_quality,
    "10": high_pressure,
    "10b": none,
    "11": no_station,
    "14b": taken,
}


@pytest.mark.parametrize(("name", "check"), TABLE.items())
def test_a_shared_input_comes_to_what_its_readme_says(name: str, check: Check) -> None:
    """With the shipped city, ticks every 5 s, and ten minutes after the last line."""
    check(judged_file(name))


@pytest.mark.parametrize("name", ["04", "09"])
def test_the_command_says_the_same(name: str) -> None:
    """As a person runs it, with the city's files: compiling them anew changes nothing."""
    (path,) = FIELD.glob(f"{name}-*.jsonl")
    options = ("--city", str(CITY), "--after", "10m")
    done = miyun_process("judge", str(path), *options, environment=bare_environment())
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == judged_file(name).lines


def test_every_shared_input_is_judged() -> None:
    """One check for each file, and no check without one."""
    assert {path.name.partition("-")[0] for path in FIELD.glob("*.jsonl")} == set(TABLE)
