"""The city of a replay: the same but for one interval and the dates of one phase."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from schemas.city.files import parse
from simulators.running.replay_city import PhaseSpan, Target, UnfitCityError, adapted_city

CITY = Path(__file__).parents[2] / "data" / "recorded_city"
SHIPPED = Path(__file__).parents[3] / "deploy" / "miyun"
HOMES = "heat-homes-0001"


def _ms(day: str) -> int:
    return round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


SPAN = PhaseSpan(phase="supply", begin=_ms("2013-06-04"), end=_ms("2014-06-27"))


def _files(folder: Path) -> dict[str, object]:
    return {
        path.relative_to(folder).as_posix(): yaml.safe_load(path.read_text("utf-8"))
        for path in folder.rglob("*.yaml")
    }


def test_the_interval_and_the_phase_are_set(tmp_path: Path) -> None:
    """The point reports at the file's interval; supply holds for the span, other phases follow it."""
    target = Target(station=HOMES, point="room_01_c", every_s=1800)
    assert adapted_city(CITY, tmp_path / "city", target, SPAN) == "°C"
    city, mistakes = parse(_files(tmp_path / "city"))
    assert mistakes == []
    assert city is not None
    stations = {placed.item.id: placed.item for placed in city.stations}
    assert stations[HOMES].points["room_01_c"].every_s == 1800
    assert stations["plant-0001"].points == {}
    phases = [(p.phase, p.start, p.end) for p in city.calendars[0].item.phases]
    assert phases == [
        ("supply", date(2013, 6, 4), date(2014, 6, 27)),
        ("off", date(2014, 6, 27), date(2014, 6, 28)),
    ]


def test_daily_calendars_are_told_for_the_span(tmp_path: Path) -> None:
    """Those of the shipped city: from the evening before on."""
    target = Target(station="heat-110118001-0033", point="room_01_c", every_s=3600)
    assert adapted_city(SHIPPED, tmp_path / "city", target, SPAN) == "°C"
    city, mistakes = parse(_files(tmp_path / "city"))
    assert mistakes == []
    assert city is not None
    told = [placed.item.daily for placed in city.calendars if placed.item.daily is not None]
    assert [(daily.first, daily.last) for daily in told] == [(date(2013, 6, 3), date(2014, 6, 27))]


def test_the_original_is_left_alone(tmp_path: Path) -> None:
    """Only the copy changes."""
    before = _files(CITY)
    adapted_city(CITY, tmp_path / "city", Target(station=HOMES, point="room_01_c", every_s=60), SPAN)
    assert _files(CITY) == before
    assert _files(tmp_path / "city") != before


@pytest.mark.parametrize(
    ("station", "point", "message"),
    [("nowhere", "room_01_c", "no station nowhere"), (HOMES, "room_99_c", "no point room_99_c")],
)
def test_what_the_city_lacks_is_named(tmp_path: Path, station: str, point: str, message: str) -> None:
    """An unknown station or point is an error before anything is sent."""
    with pytest.raises(UnfitCityError, match=message):
        adapted_city(CITY, tmp_path / "city", Target(station=station, point=point, every_s=60), SPAN)


def test_no_city_is_named(tmp_path: Path) -> None:
    """A path that is no folder is an error that says what a city is."""
    target = Target(station=HOMES, point="room_01_c", every_s=60)
    with pytest.raises(UnfitCityError, match="is no folder"):
        adapted_city(tmp_path / "none", tmp_path / "city", target, SPAN)
