"""A copy of a city for a replay: the point at the file's interval, one phase holding throughout."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from services.runtime.words import ExplainedError, sentence
from simulators.running.words import REFUSED

DAY = timedelta(days=1)


class UnfitCityError(ExplainedError):
    """The city does not fit the replay; the message names what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The point that is to be replayed, and the interval at which it shall report."""

    station: str
    point: str
    every_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSpan:
    """A phase that shall hold from ``begin`` to ``end`` (epoch ms; whole days are taken)."""

    phase: str
    begin: int
    end: int


def adapted_city(source: Path, copy: Path, target: Target, span: PhaseSpan) -> str:
    """Copy the city at ``source`` to ``copy``, adapt it, and return the unit of the target's point.

    Raises:
        UnfitCityError: no such city, station or point.
    """
    if not source.is_dir():
        raise UnfitCityError(sentence(REFUSED, "no_city", folder=source))
    shutil.copytree(source, copy)
    kind = _adapt_station(copy, target)
    unit = _unit_of(copy, kind, target.point)
    _adapt_calendars(copy / "calendars.yaml", span)
    return unit


def _adapt_station(city: Path, target: Target) -> str:
    """Set the point's interval in the station's file; returns the station's type."""
    for file in sorted((city / "stations").glob("*.yaml")):
        content = _load(file)
        for station in content["stations"]:
            if station["id"] == target.station:
                points = station.setdefault("points", {})
                points.setdefault(target.point, {})["every_s"] = target.every_s
                _dump(file, content)
                return str(station["type"])
    raise UnfitCityError(sentence(REFUSED, "no_station", station=target.station))


def _unit_of(city: Path, kind: str, code: str) -> str:
    for listed in _load(city / "station_types.yaml")["station_types"]:
        if listed["type"] == kind:
            units = {point["code"]: point.get("unit", "") for point in listed["points"]}
            if code not in units:
                names = ", ".join(units)
                raise UnfitCityError(sentence(REFUSED, "no_point", type=kind, point=code, points=names))
            return str(units[code])
    raise UnfitCityError(sentence(REFUSED, "no_type", type=kind))


def _adapt_calendars(file: Path, span: PhaseSpan) -> None:
    """Let the phase hold in every calendar that knows it. Its other phases follow, a day each:

    rules may name them, and phases of a calendar touch. Daily calendars are told for those days.
    """
    content = _load(file)
    for calendar in content["calendars"]:
        if "daily" in calendar:
            calendar["daily"] |= {"first": _day(span.begin) - DAY, "last": _day(span.end)}
            continue
        names = list(dict.fromkeys(phase["phase"] for phase in calendar["phases"]))
        if span.phase in names:
            others = [name for name in names if name != span.phase]
            calendar["phases"] = _phases(span, others)
    _dump(file, content)


def _phases(span: PhaseSpan, others: list[str]) -> list[dict[str, str | date]]:
    begin, end = _day(span.begin), _day(span.end)
    phases: list[dict[str, str | date]] = [{"phase": span.phase, "start": begin, "end": end}]
    for name in others:
        phases.append({"phase": name, "start": end, "end": end + DAY})
        end += DAY
    return phases


def _day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


def _load(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UnfitCityError(sentence(REFUSED, "city_file", file=file.name, why=error)) from error


def _dump(file: Path, content: Any) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
