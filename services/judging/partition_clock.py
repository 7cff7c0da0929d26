"""What time it is on a partition of ``events``: the largest arrival that is believed (JUDGING 9).

One record of a wrong time moves nothing. What is more than a minute off the clock has to be said by three
records of two origins that agree, or by three ticks, above the clock as below it.
"""

from dataclasses import dataclass

from schemas.events import Command, Event, Inspection, PlanEvent, Telemetry, Tick

NEAR_MS = 60_000
"""Arrivals no further than this from the clock are believed; so far apart they agree with each other."""
ENOUGH = 3
"""Records, of two origins, or ticks that confirm another time."""
TICKS = "tick"
"""The one origin of all ticks, whichever worker sends them."""


@dataclass(frozen=True, slots=True)
class OtherTime:
    """A time far off the clock that is not confirmed yet, and who has told it.

    ``ticks``: all on this side of the clock: those that come at long steps do not agree with each other.
    """

    first: int
    latest: int
    origins: tuple[str, ...]
    ticks: int

    @property
    def is_confirmed(self) -> bool:
        """Enough have told it."""
        return self.ticks >= ENOUGH or (len(self.origins) >= ENOUGH and len(set(self.origins)) > 1)


@dataclass(frozen=True, slots=True)
class PartitionTime:
    """The clock (epoch ms; 0: no time yet), and a time that may be the right one instead."""

    clock: int
    other: OtherTime | None = None

    def after(self, arrival: int, origin: str) -> "PartitionTime":
        """The same after a record of ``origin`` that arrived then."""
        if self.clock == 0 or is_near(self.clock, arrival):
            return PartitionTime(max(self.clock, arrival))
        other = self._told(arrival, origin)
        return PartitionTime(other.latest) if other.is_confirmed else PartitionTime(self.clock, other)

    def _told(self, arrival: int, origin: str) -> OtherTime:
        """The other time with one voice more; one that does not agree with it begins anew."""
        before, tick = self.other, int(origin == TICKS)
        if before is None or (before.first > self.clock) != (arrival > self.clock):
            return OtherTime(arrival, arrival, (origin,), tick)
        if not is_near(before.first, arrival):
            return OtherTime(arrival, arrival, (origin,), before.ticks + tick)
        origins = (*before.origins, origin)
        if len(origins) > ENOUGH:  # one of each kind is kept: more of the same say nothing
            origins = (*before.origins[: ENOUGH - 1], origin)
        return OtherTime(before.first, max(before.latest, arrival), origins, before.ticks + tick)


def is_near(one: int, other: int) -> bool:
    """Tells if two arrivals may follow each other on a log that runs."""
    return -NEAR_MS <= one - other <= NEAR_MS


def origin_of(event: Event | None) -> str:
    """Who tells an event's time; all records that cannot be read (None) are of one origin."""
    match event:
        case Tick():
            return TICKS
        case Telemetry():
            return f"source {event.source}"
        case Inspection():
            return f"inspector {event.inspector}"
        case Command() | PlanEvent():
            return f"signer {event.signer}"
    return type(event).__name__
