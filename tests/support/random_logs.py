"""Random logs of single stations of the shipped city: frames in order and odd ones, inspections, commands."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from support.field_log import T0, Line
from support.shipped_city import shipped_plan

from schemas.base import MIN_TIME_MS
from schemas.events import CommandName
from schemas.plan import Plan, Point, PublicKey, Station
from schemas.topics import control_key, partition_of
from services.judging.log_lines import parse_line
from services.judging.player import Player, Trust, plan_of_log
from services.runtime.signing import SigningKey, sign_command

TICK_MS = 5_000
MINUTE_MS = 60_000
LASTS_MS = 25 * MINUTE_MS
GRADES = (None, "I", "II", "III", "IV")


def stations(number: int, seed: int) -> list[Station]:
    """Some stations of the city, of all its kinds."""
    chance = Random(seed)
    by_kind: dict[str, list[Station]] = {}
    for station in shipped_plan().stations:
        by_kind.setdefault(station.kind, []).append(station)
    found: list[Station] = []
    while len(found) < number:
        for kind in sorted(by_kind):
            if by_kind[kind] and len(found) < number:
                found.append(by_kind[kind].pop(chance.randrange(len(by_kind[kind]))))
    return found


def plan_of(chosen: Sequence[Station], keys: Sequence[PublicKey]) -> Plan:
    """The shipped plan cut to these stations."""
    named = tuple(sorted(chosen, key=lambda one: one.station_id))
    return replace(shipped_plan(), stations=named, keys=tuple(keys))


@dataclass
class RandomLog:
    """A station's log as it is made: it is played along, so that people can answer its alerts."""

    station: Station
    chance: Random
    signer: SigningKey
    player: Player
    lines: list[Line] = field(default_factory=list)
    seq: int = 0
    last: Line | None = None

    def make(self) -> list[Line]:
        """The station's records, in the order of their arrivals."""
        at = T0 + 1_000
        while at < T0 + LASTS_MS:
            for line in self._records(at):
                self.lines.append(line)
                list(self.player.take(parse_line(json.dumps(line))))
            at += self.chance.choice((200, 5_000, 15_000, 15_000, 60_000, 60_000, 300_000))
        return self.lines

    def _records(self, at: int) -> Iterator[Line]:
        kind = self.chance.random()
        if kind < 0.7 or self.last is None:
            self.last = {"arrival": at, "value": self._frame(at)}
            yield self.last
        elif kind < 0.78:
            yield {**self.last, "arrival": at}
        elif kind < 0.86:
            yield self._odd(at)
        elif kind < 0.93:
            yield {"arrival": at, "kind": "inspection", "value": self._inspection(at)}
        else:
            yield {"arrival": at, "kind": "command", "value": self._command(at)}

    def _frame(self, at: int) -> dict[str, Any]:
        self.seq += self.chance.choice((1, 1, 1, 1, 2, -1, 0, 300))
        skew = self.chance.choice((0, 0, 0, 0, 0, -4_000, 30_000, 90_000, -3_600_000, 86_400_000, -at))
        begins = at + skew
        stamps = [
            begins - back for back in self.chance.choice(((0,), (0,), (15_000, 0), (0, 15_000, 60_000)))
        ]
        scans = [{"at": max(0, stamp), "values": self._values(), **self._quality()} for stamp in stamps]
        frame = {
            "station": self.station.station_id,
            "source": self.chance.choice(("gw-1", "gw-1", "gw-2")),
            "seq": max(0, self.seq),
            "sent_at": max(0, begins),
            "nature": self.chance.choice(("simulated", "simulated", "real", "exercise")),
            "scans": scans,
        }
        return frame | (
            {"boot": self.chance.choice(("b1", "b1", "b2"))} if self.chance.random() < 0.8 else {}
        )

    def _values(self) -> dict[str, Any]:
        told = [point for point in self.station.points if point.report_mode != "inspected"]
        chosen = self.chance.sample(told, k=self.chance.randint(1, min(5, len(told))))
        values = {point.code: self._value(point) for point in chosen}
        return values | ({"stranger": 1.0} if self.chance.random() < 0.03 else {})

    def _value(self, point: Point) -> float | None:
        if self.chance.random() < 0.04:
            return self.chance.choice((None, float("nan"), 1e9, -1e9))
        low, high = max(point.low, -1e6), min(point.high, 1e6)
        if point.report_mode == "on_change" and high - low <= 5:
            return float(self.chance.randint(round(low), round(high)))
        return low + (high - low) * self.chance.choice((0.0, 0.02, 0.3, 0.5, 0.7, 0.95, 1.0, 1.02))

    def _quality(self) -> dict[str, Any]:
        if self.chance.random() > 0.1:
            return {}
        point = self.chance.choice(self.station.points)
        return {"quality": {point.code: self.chance.choice(("bad", "uncertain", "substituted"))}}

    def _odd(self, at: int) -> Line:
        """What nobody can take."""
        value = self._frame(at)
        name = self.station.station_id
        report = {"station": name, "report_id": "r", "at": at, "category": "smell", "text": "有异味"}
        return self.chance.choice(
            (
                {"arrival": at, "value": f'{{"station":"{name}",'},
                {"arrival": at, "value": {**value, "scans": []}},
                {"arrival": at, "kind": "spell", "value": value},
                {"arrival": at, "key": None, "value": value, "partition": partition_of(name)},
                {"arrival": at, "headers": {"ce_time": "yesterday"}, "value": value},
                {"arrival": at, "kind": "report", "value": report},
            )
        )

    def _inspection(self, at: int) -> dict[str, Any]:
        return {
            "station": self.station.station_id,
            "inspection_id": f"i-{self.chance.randint(0, 30)}",
            "kind": "cctv",
            "point": self.chance.choice([None, *(point.code for point in self.station.points)]),
            "at": at - self.chance.choice((0, 0, 60_000, 3_600_000, -3_600_000)),
            "inspector": "crew-1",
            "grade": self.chance.choice(GRADES),
        }

    def _command(self, at: int) -> dict[str, Any]:
        state = self.player.partitions[partition_of(self.station.station_id)].states[self.station.station_id]
        alerts = list(state.cold.alerts.values())
        alert = self.chance.choice(alerts) if alerts else None
        fields = {
            "station": self.station.station_id,
            "target": alert.alert_id if alert else "nothing",
            "seen_seq": alert.seq if alert else 1,
            "actor": "li",
            "issued": at - self.chance.choice((0, 0, 0, -120_000)),
            "expires": at + self.chance.choice((300_000, 300_000, 0)),
            "body": self.chance.choice(({}, {"note": "seen"}, {"text": "on site"})),
            "id": f"c-{at}-{self.chance.randint(0, 10**9)}",
        }
        signed = sign_command(self.signer, self.chance.choice((*CommandName, CommandName.ACK)), **fields)
        told: dict[str, Any] = signed.model_dump(mode="json")
        return told | ({"actor": "eve"} if self.chance.random() < 0.1 else {})


def random_log(
    station: Station, seed: int, *, plan: Plan, plan_name: str, epoch: str, signer: SigningKey, trust: Trust
) -> list[Line]:
    """The lines of one station, which is one of the plan's."""
    player = Player(
        plan=plan_of_log(plan, plan_name, {station.station_id}, trust),
        begins_at=T0,
        trust=trust,
        epoch=epoch,
        tick_ms=TICK_MS,
    )
    return RandomLog(station, Random(seed), signer, player).make()


def control_lines(epoch: str, plan_event: dict[str, Any], partition: int) -> list[Line]:
    """Genesis, the plan's activation at ``T0``, and ticks until the log's end."""
    genesis = {"epoch": epoch, "namespace": "t", "clock": "log"}
    placed = {"partition": partition, "key": control_key(partition)}
    return [
        {"arrival": MIN_TIME_MS, "kind": "genesis", "value": genesis, **placed},
        {"arrival": T0, "kind": "plan", "value": plan_event, **placed},
        *(
            {"arrival": at, "kind": "tick", "value": {}, **placed}
            for at in range(T0 + TICK_MS, T0 + LASTS_MS + 10 * MINUTE_MS, TICK_MS)
        ),
    ]
