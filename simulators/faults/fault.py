"""A fault at its place in the city: which readings it changes, when, and which alerts it should raise."""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from schemas.base import Bilingual, Severity
from schemas.plan import Station
from simulators.faults.instrumental import INSTRUMENTAL
from simulators.faults.physical import PHYSICAL
from simulators.faults.templates import PLACE_POINT, Move, Template
from simulators.faults.topology import Reached, Topology
from simulators.networks.disturbances import Disturbance, Envelope, How

TEMPLATES: dict[str, Template] = {**PHYSICAL, **INSTRUMENTAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAlert:
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
    nature: Literal["physical", "instrumental"]
    what: Bilingual
    station: str
    """Its place; its disturbances may reach further."""
    source: str
    """What sends the frames of its place."""
    begins: int
    disturbances: tuple[Disturbance, ...]
    expected: tuple[ExpectedAlert, ...]

    @property
    def ends(self) -> int:
        """The instant (epoch ms) from which on all readings are normal again."""
        return max(disturbance.envelope.ends for disturbance in self.disturbances)

    def touched(self) -> tuple[str, ...]:
        """Ids of the stations whose readings or reports it changes, sorted."""
        return tuple(sorted({disturbance.station for disturbance in self.disturbances}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Place and time of a template. ``point`` is the fault's own point there."""

    topology: Topology
    place: Station
    point: str | None
    envelope: Envelope
    size: float | None


def fits(template: Template, station: Station, point: str | None) -> bool:
    """Returns whether a station has the points that the template (and the scene's place) need."""
    codes = {p.code for p in station.points}
    return codes.issuperset(template.needs) and (point is None or point in codes)


def disturbances_of(template: Template, site: Site) -> list[Disturbance]:
    """All that a template does at a place; a point that no station there has is passed over."""
    return [
        Disturbance(
            station=one.station.station_id,
            code=code,
            how=move.how,
            envelope=_later(move, site.envelope, one.hops),
            amount=_amount(move, site.size, one),
        )
        for move in template.moves
        for one in _reach(move, site)
        for code in _codes(move, site, one.station)
    ]


def reached(template: Template, site: Site, *, hops: int) -> list[Station]:
    """The stations that the template moves, so many links away; 0: the place."""
    if hops == 0:
        return [site.place]
    found: dict[str, Reached] = {}
    for move in template.moves:
        for one in _reach(move, site):
            found.setdefault(one.station.station_id, one)
    return [one.station for _, one in sorted(found.items()) if one.hops == hops]


def _reach(move: Move, site: Site) -> list[Reached]:
    everywhere = site.topology.reach(move.where, site.place, code=move.code, hops=move.hops)
    return [one for one in everywhere if not move.kinds or one.station.kind in move.kinds]


def _codes(move: Move, site: Site, station: Station) -> list[str | None]:
    """Points that a device reports, computed ones follow from them; None: the whole station."""
    if move.code is None:
        return [None]
    wanted = site.point if move.code == PLACE_POINT else move.code
    return [p.code for p in station.points if wanted and p.computed is None and fnmatchcase(p.code, wanted)]


def _later(move: Move, envelope: Envelope, hops: int) -> Envelope:
    begins = envelope.begins + round(move.later_s * hops * 1000)
    return replace(envelope, begins=begins, holds_ms=envelope.holds_ms + round(move.lingers_s * 1000))


def _amount(move: Move, size: float | None, one: Reached) -> float | None:
    amount = move.times_size * size if move.amount is None and size is not None else move.amount
    if amount is None or move.how is How.SET:
        return amount
    share = move.fade**one.hops * (move.fade_km**one.km if one.km < 100 else 1.0)
    return 1 + (amount - 1) * share if move.how is How.TIMES else amount * share
