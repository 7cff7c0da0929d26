"""A fault at its place in the city: which readings it changes, when, and which alerts it should raise."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from schemas.alerts import Headline
from schemas.base import Severity
from schemas.plan import Point, Station
from simulators.faults.instrumental import INSTRUMENTAL
from simulators.faults.physical import PHYSICAL
from simulators.faults.templates import PLACE_POINT, Move, Template
from simulators.faults.topology import Reached, Topology
from simulators.networks.effects import AnyEffect, Effect, How, Mute, Repeats, Span, WrongClock
from simulators.networks.station import source_of
from simulators.networks.time_of_day import HOUR_MS

TEMPLATES: dict[str, Template] = {**PHYSICAL, **INSTRUMENTAL}
Nature = Literal["physical", "instrumental"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An alert that a fault should raise: ``severity`` is the highest level that it reaches."""

    rule: str
    severity: Severity
    station: str
    point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """``fault_id`` is unique per play of a scene; ``name`` is the scene's word for it."""

    fault_id: str
    name: str
    scene: str
    template: str
    nature: Nature
    what: Headline
    station: str
    """Where it is; its effects may reach further."""
    begins: int
    effects: tuple[AnyEffect, ...]
    expected: tuple[Expected, ...]

    @property
    def ends(self) -> int:
        """From here on all readings are normal again, epoch ms."""
        return max(effect.span.ends for effect in self.effects)

    def touched(self) -> tuple[str, ...]:
        """Ids of the stations whose readings or reports it changes, sorted."""
        return tuple(sorted({effect.station for effect in self.effects}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where and when a template happens. ``point`` is the fault's own point there."""

    topology: Topology
    place: Station
    point: str | None
    span: Span
    size: float


def fits(template: Template, station: Station, point: str | None) -> bool:
    """Whether a station has the points that the template (and the scene's place) need."""
    codes = {p.code for p in station.points}
    return codes.issuperset(template.needs) and (point is None or point in codes)


def effects_of(template: Template, site: Site) -> list[AnyEffect]:
    """All that a template does at a place; a point that no station there has is passed over."""
    effects: list[AnyEffect] = []
    for move in template.moves:
        effects.extend(_moved(move, site))
    if template.report is not None:
        effects.extend(_reported(template, site))
    return effects


def reached(template: Template, site: Site, *, hops: int) -> list[Reached]:
    """The stations that the template moves, so many links away."""
    found: dict[str, Reached] = {}
    for move in template.moves:
        for one in _reach(move, site):
            found.setdefault(one.station.station_id, one)
    return [one for _, one in sorted(found.items()) if one.hops == hops]


def _reach(move: Move, site: Site) -> list[Reached]:
    everywhere = site.topology.reach(move.where, site.place, code=move.code, hops=move.hops)
    return [one for one in everywhere if not move.kinds or one.station.kind in move.kinds]


def _moved(move: Move, site: Site) -> Iterator[Effect]:
    for one in _reach(move, site):
        for point in _points(move, site, one.station):
            yield Effect(
                station=one.station.station_id,
                code=point.code,
                how=move.how,
                span=_later(move, site.span, one.hops),
                amount=_amount(move, site.size, one),
            )


def _points(move: Move, site: Site, station: Station) -> list[Point]:
    """Points that a device reports; computed ones follow from them."""
    wanted = site.point if move.code == PLACE_POINT else move.code
    if wanted is None:
        return []
    return [p for p in station.points if p.computed is None and fnmatchcase(p.code, wanted)]


def _later(move: Move, span: Span, hops: int) -> Span:
    return Span(
        begins=span.begins + round(move.later_s * hops * 1000),
        rises_ms=span.rises_ms,
        holds_ms=span.holds_ms + round(move.lingers_s * 1000),
        falls_ms=span.falls_ms,
    )


def _amount(move: Move, size: float, one: Reached) -> float | None:
    if move.how in (How.STUCK, How.NOTHING, How.BAD):
        return None
    amount = move.times_size * size if move.amount is None else move.amount
    if move.how is How.SET:
        return amount
    share = move.fade**one.hops * (move.fade_km**one.km if one.km < 100 else 1.0)
    return 1 + (amount - 1) * share if move.how is How.TIMES else amount * share


def _reported(template: Template, site: Site) -> list[AnyEffect]:
    here, span = site.place.station_id, site.span
    match template.report:
        case "point_silent":
            return [Mute(station=here, code=site.point, span=span)]
        case "station_silent":
            return [Mute(station=here, code=None, span=span)]
        case "source_silent":
            return [Mute(station=one, code=None, span=span) for one in _of_source(site)]
        case "clock_ahead":
            return [WrongClock(station=here, ahead_ms=round(site.size * HOUR_MS), span=span)]
        case "clock_reset":
            return [WrongClock(station=here, ahead_ms=None, span=span)]
        case "repeated":
            return [Repeats(station=here, copies=round(site.size), span=span)]
    return []


def _of_source(site: Site) -> list[str]:
    source = source_of(site.place)
    stations = site.topology.stations.values()
    return [s.station_id for s in stations if source_of(s) == source and not s.virtual]
