"""Recorded series through the whole product: the stored transitions are those that plain arithmetic gives.

The expectation is computed here from the CSV alone, with nothing of the engine.
"""

import asyncio
import csv
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from support.namespaces import new_namespace
from support.programs import miyun_process

CHECKOUT = Path(__file__).parents[2]
RECORDED = CHECKOUT.parent / "shared" / "data" / "recorded"
CITY = CHECKOUT / "tests" / "data" / "recorded_city"
MINUTE = 60_000
HOUR = 60 * MINUTE
RANK = {"notice": 1, "warn": 2, "major": 3, "critical": 4}
LIFE = ("raised", "reopened", "escalated", "deescalated", "cleared")

Told = tuple[int, str, str]
"""(event time, what happened, severity of the alert)."""


@dataclass
class Level:
    """A limit with its delays, and where it stands."""

    severity: str
    below: bool
    limit: float
    clear: float
    on_ms: int
    off_ms: int
    on_samples: int = 1
    active: bool = False
    since: int | None = None
    count: int = 0

    def see(self, at: int, value: float) -> None:
        """Go on or off when the limit (or its clearing) has lasted for the delay and the samples."""
        bad = value < self.limit if self.below else value >= self.limit
        well = value >= self.clear if self.below else value < self.clear
        if not (well if self.active else bad):
            self.since, self.count = None, 0
            return
        self.since = at if self.since is None else self.since
        self.count += 1
        delay, samples = (self.off_ms, 1) if self.active else (self.on_ms, self.on_samples)
        if at - self.since >= delay and self.count >= samples:
            self.active, self.since, self.count = not self.active, None, 0


def celsius(file: str) -> list[tuple[int, float]]:
    """The file's readings as (epoch ms, °C)."""
    with (RECORDED / file).open(newline="") as lines:
        return [
            (
                int(datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC).timestamp() * 1000),
                (float(row["value"]) - 32) / 1.8,
            )
            for row in csv.DictReader(lines)
        ]


def expected(readings: list[tuple[int, float]], levels: list[Level], max_gap: int) -> list[Told]:
    """What an alert over the levels goes through; scans that are not newer are not judged."""
    told: list[Told] = []
    last: int | None = None
    severity: str | None = None
    for at, value in readings:
        if last is not None and at <= last:
            continue
        for level in levels:
            if last is not None and at - last > max_gap:
                level.since, level.count = None, 0
            level.see(at, value)
        last = at
        after = max((lv.severity for lv in levels if lv.active), key=RANK.__getitem__, default=None)
        if after != severity:
            told.append(_step(at, severity, after))
        severity = after
    return told


def _step(at: int, before: str | None, after: str | None) -> Told:
    if after is None:
        return at, "clear", before or ""
    if before is None:
        return at, "raise", after
    return at, "escalate" if RANK[after] > RANK[before] else "deescalate", after


@dataclass(frozen=True)
class Replayed:
    """What a replay printed, and the rows that it left in the database."""

    said: str
    transitions: list[Told]
    overlapping: int
    aggregated: tuple[int, int] = field(default=(0, 0))


STORED = """
SELECT t.at, t.reason, t.severity, a.raised_at, a.cleared_at
FROM alert_transitions t JOIN alerts a USING (alert_id)
WHERE a.rule_id = $1 AND t.reason = ANY($2)
ORDER BY t.at, a.raised_at, t.seq
"""
WORDS = {
    "raised": "raise",
    "reopened": "raise",
    "escalated": "escalate",
    "deescalated": "deescalate",
    "cleared": "clear",
}


def replay(file: str, rule: str, *options: str) -> Replayed:
    """Replay a file in a namespace of its own and read what was stored for one rule."""
    namespace = new_namespace()
    command = ["replay-csv", str(RECORDED / file), "--unit", "degF", "--city", str(CITY)]
    environment = {**os.environ, "MIYUN_NAMESPACE": namespace, "MIYUN_CLOCK": "log"}
    place = ["--namespace", namespace, *options]
    done = miyun_process(*command, *place, environment=environment, timeout_s=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return asyncio.run(_stored(namespace, rule, done.stdout))


async def _stored(namespace: str, rule: str, said: str) -> Replayed:
    settings = {"search_path": f"{namespace},public"}
    connection = await asyncpg.connect(os.environ["MIYUN_DATABASE_URL"], server_settings=settings)
    try:
        rows = await connection.fetch(STORED, rule, list(LIFE))
        n, good = await connection.fetchrow("SELECT sum(n), sum(n_good) FROM aggregates_1m")
        open_at_once = await connection.fetchval(
            "SELECT count(*) FROM alerts a JOIN alerts b USING (rule_id, point, station_id)"
            " WHERE a.alert_id <> b.alert_id AND a.raised_at <= b.raised_at"
            " AND coalesce(a.cleared_at, 'infinity') > b.raised_at"
        )
    finally:
        await connection.close()
    told = [(round(row["at"].timestamp() * 1000), WORDS[row["reason"]], row["severity"]) for row in rows]
    return Replayed(said, told, open_at_once, (int(n), int(good)))


def room_levels() -> list[Level]:
    """heat.room_temperature of DOMAIN 11: 18 and 16 °C, hysteresis 0.3, 2 h on, 1 h off."""
    return [
        Level("notice", True, 18.0, 18.3, 2 * HOUR, HOUR),
        Level("warn", True, 16.0, 16.3, 2 * HOUR, HOUR),
    ]


def machine_levels() -> list[Level]:
    """plant.machine_temperature of tests/data/recorded_city."""
    low = {"below": True, "on_ms": 10 * MINUTE, "off_ms": 30 * MINUTE, "on_samples": 3}
    high = {"below": False, "on_ms": 10 * MINUTE, "off_ms": 30 * MINUTE, "on_samples": 3}
    return [
        Level("notice", limit=15.0, clear=16.0, **low),
        Level("warn", limit=5.0, clear=6.0, **low),
        Level("notice", limit=38.0, clear=37.0, **high),
        Level("warn", limit=39.5, clear=38.5, **high),
    ]


def test_the_arithmetic_itself() -> None:
    """Five histories whose outcome can be seen by eye."""
    hours = [17.0, 17.0, 17.0, 15.0, 15.0, 15.0, 17.0, 17.0, 18.2, 18.4, 18.4]
    story = expected([(n * HOUR, v) for n, v in enumerate(hours)], room_levels(), 3 * HOUR)
    assert story == [
        (2 * HOUR, "raise", "notice"),
        (5 * HOUR, "escalate", "warn"),
        (7 * HOUR, "deescalate", "notice"),
        (10 * HOUR, "clear", "notice"),
    ]
    gap = [(0, 17.0), (HOUR, 17.0), (5 * HOUR, 17.0), (6 * HOUR, 17.0)]
    assert expected(gap, room_levels(), 3 * HOUR) == []
    exactly = [(0, 17.0), (3 * HOUR, 17.0)]
    assert expected(exactly, room_levels(), 3 * HOUR) == [(3 * HOUR, "raise", "notice")]
    at_the_limit = [(n * HOUR, 18.0) for n in range(5)]
    assert expected(at_the_limit, room_levels(), 3 * HOUR) == []
    repeated = [(0, 17.0), (2 * HOUR, 17.0), (2 * HOUR, 25.0)]
    assert expected(repeated, room_levels(), 3 * HOUR) == [(2 * HOUR, "raise", "notice")]


@pytest.fixture(scope="module")
def room() -> Replayed:
    """The office's temperature as a sampled home."""
    options = ["--station", "heat-homes-0001", "--point", "room_01_c", "--every", "3600"]
    return replay("ambient_temperature.csv", "heat.room_temperature", *options)


@pytest.fixture(scope="module")
def machine() -> Replayed:
    """The machine's temperature under a rule of its own; the interval is the file's."""
    options = ["--station", "plant-0001", "--point", "machine_temperature_c"]
    return replay("machine_temperature.csv", "plant.machine_temperature", *options)


def test_the_cold_office_raises_and_clears_when_it_should(room: Replayed) -> None:
    """Every transition of ten months of hourly readings, to the millisecond, gaps included."""
    history = expected(celsius("ambient_temperature.csv"), room_levels(), 3 * HOUR)
    assert {what for _, what, _ in history} == {"raise", "escalate", "deescalate", "clear"}
    assert len(history) > 20
    assert room.transitions == history
    assert room.overlapping == 0


def test_the_failing_machine_raises_and_clears_when_it_should(machine: Replayed) -> None:
    """Every transition of eleven weeks, and at least one in each labelled window."""
    history = expected(celsius("machine_temperature.csv"), machine_levels(), 15 * MINUTE)
    assert machine.transitions == history
    assert machine.overlapping == 0
    for day in ("2013-12-11", "2013-12-16", "2014-01-28", "2014-02-08"):
        noon = int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp() * 1000)
        assert any(abs(at - noon) < 24 * HOUR for at, _, _ in history), day


def test_every_reading_is_stored_once(room: Replayed, machine: Replayed) -> None:
    """The one-minute aggregates count each stamp of the files once, repeated or not."""
    for file, replayed in (("ambient_temperature.csv", room), ("machine_temperature.csv", machine)):
        stamps = len({at for at, _ in celsius(file)})
        assert replayed.aggregated == (stamps, stamps)


def test_the_summary_says_what_was_done(room: Replayed, machine: Replayed) -> None:
    """Rows read, sent and dropped; the twelve repeated stamps are sent and found by the monitor.

    Of the hour that comes twice, the value of the last stamp is still kept: the second one differs."""
    assert "rows: read 7267, sent 7267, dropped 0" in room.said
    assert "repeated stamps 0, out of order 0" in room.said
    assert "rows: read 22695, sent 22695, dropped 0" in machine.said
    assert "repeated stamps 12, out of order 0" in machine.said
    assert "conflicting_scan 1, duplicate_scan 11" in machine.said
