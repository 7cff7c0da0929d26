"""The log of a small city in phases, of which each changes an alert's level once at most.

So nobody's messages depend on how fast they are sent: what a phase brings is told before the next begins.
Between two phases people acknowledge and comment. Hostile records stand between the frames.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from support.engine_log import MINUTE, SECOND, T0
from support.monitor_city import STATIONS, Sent, event, frame, tick
from support.monitor_log import hostile

from schemas.events import CommandName
from schemas.topics import EVENT_PARTITIONS, partition_of
from services.runtime.signing import SigningKey, sign_command

CALM, WARN, CRITICAL = 5.0, 30.0, 60.0
NEXT = {CALM: (CALM, CRITICAL, WARN), WARN: (WARN, CRITICAL, CALM), CRITICAL: (CRITICAL, CRITICAL, CALM)}
MINUTES = 6
"""Of a phase."""
ODD = 14
"""Hostile records of a phase."""


@dataclass(slots=True)
class PhasedLog:
    """Makes one phase after the other, by a seed."""

    chance: Random
    levels: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STATIONS, CALM))
    minute: int = 0

    def phase(self) -> list[Sent]:
        """Six minutes at new levels; random frames are lost, come twice, or late by a minute."""
        for station in STATIONS:
            self.levels[station] = self.chance.choice(NEXT[self.levels[station]])
        records = [record for _ in range(MINUTES) for record in self._minute()]
        for odd, _ in hostile(self.minute):
            records.insert(self.chance.randrange(len(records)), odd)
        return records

    def answers(self, alerts: Collection[dict[str, Any]], signer: SigningKey) -> list[Sent]:
        """Commands for a third of the alerts that nobody has acknowledged, and ticks behind them."""
        at = self.now
        chosen = [one for one in alerts if not one["acked"] and self.chance.random() < 0.4]
        records = [self._command(signer, CommandName.ACK, one, at) for one in chosen]
        records += [self._command(signer, CommandName.COMMENT, one, at + 1) for one in chosen[::2]]
        return [*records, *(tick(partition, at + SECOND) for partition in range(EVENT_PARTITIONS))]

    @property
    def now(self) -> int:
        """Where the log ends (epoch ms)."""
        return T0 + self.minute * MINUTE

    def _minute(self) -> Iterator[Sent]:
        for station in STATIONS:
            chance = self.chance.random()
            made = frame(station, self.minute, self.levels[station] + self.minute % 3)
            yield from [made] * (0 if chance < 0.05 else 2 if chance > 0.95 else 1)
        for third in (1, 2, 3):
            at = self.now + third * 20 * SECOND
            yield from (tick(partition, at) for partition in range(EVENT_PARTITIONS))
        self.minute += 1

    def _command(self, signer: SigningKey, name: CommandName, alert: dict[str, Any], at: int) -> Sent:
        station = alert["station_id"]
        signed = sign_command(
            signer,
            name,
            station=station,
            target=alert["alert_id"],
            seen_seq=alert["seq"],
            actor="zhao.lei",
            issued=at,
            expires=at + 5 * MINUTE,
            body={"text": "现场已派人"} if name is CommandName.COMMENT else {},
            id=f"{name}-{alert['alert_id']}-{alert['seq']}",
        )
        return event("command", station, partition_of(station), signed.model_dump_json().encode(), at)
