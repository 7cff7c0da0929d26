"""Kill, stop, starve whatever runs: in the end everything is as in a city that nobody disturbed.

The same log, once in peace and once under a seeded sequence of disturbances, over real processes (two
monitors) and servers of its own, with the database on a small disk that is filled. ``make chaos`` is the long
form; ``MIYUN_BENCH_CHAOS_SEED`` and ``MIYUN_BENCH_CHAOS_PHASES`` choose another one.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.chaos_log import PhasedLog
from support.copied_log import Ends, Log, by_partition, copy
from support.disturbances import Disturbances
from support.monitor_log import fill, found_city
from support.monitor_process import Installation
from support.notifier_city import caught
from support.small_disk import MountRefusedError, SmallDisk, own_servers
from support.supervised_city import SupervisedCity
from support.whole_city import new_city, plan_with_keys, whole_settings

from schemas.topics import TopicName
from services.runtime.signing import CONSOLE, ensure_key

Tell = Callable[[str], None]
TABLES = {
    "alerts": "SELECT snapshot::text, state, seq, orphaned_at FROM alerts",
    "alert_transitions": (
        "SELECT alert_id::text, seq, at, from_state, to_state, severity, reason, actor FROM alert_transitions"
    ),
    "aggregates_1m": (
        "SELECT bucket, station_id, point, n, n_good, min, max, mean, last, revision FROM aggregates_1m"
    ),
    "rejects": 'SELECT reason, detail, source, topic, partition, "offset", original FROM rejects',
    "audit": "SELECT action, actor, target, result, reason FROM audit",
    "outbox": "SELECT alert_id, seq, recipient, channel, kind, state, reason, subject, body FROM outbox",
}
"""What is compared: everything but when it was recorded, and how often a delivery was tried."""
PIECES = 12
"""A phase is written in so many, over ``WRITTEN_IN_S``, so that disturbances fall into its midst."""
WRITTEN_IN_S = 20.0
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Recorded:
    """The log of the city that nobody disturbed, where its steps end, and what came of it."""

    events: Log
    plans: Log
    steps: list[Ends]
    outcome: Rows = field(default_factory=dict)


@pytest.fixture(scope="module")
def disk() -> Iterator[SmallDisk]:
    """Servers of our own. Where nobody may mount, this fails and says so."""
    try:
        with own_servers() as made:
            yield made
    except MountRefusedError as error:
        pytest.fail(str(error))


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Shows progress at once, whether or not output is captured."""
    began = time.monotonic()

    def one(words: str) -> None:
        with capsys.disabled():
            print(f"  [{time.monotonic() - began:4.0f} s] {words}", flush=True)

    return one


async def outcome(city: SupervisedCity) -> Rows:
    """What tables, page and people hold, in an order of its own."""
    rows = {name: [tuple(row) for row in await city.rows(query)] for name, query in TABLES.items()}
    shown = await city.shown()
    rows["page"] = [tuple(sorted((key, repr(value)) for key, value in one.items())) for one in shown.values()]
    rows["caught"] = [(one["way"], one["to"], one["subject"], one["body"]) for one in caught(city.settings)]
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def city_in(folder: Path, keys: Path) -> SupervisedCity:
    """A city whose programs are not started; ``keys``: of both, so that what was signed holds again."""
    folder.mkdir()
    settings = whole_settings(folder, clock="log").model_copy(update={"keys_dir": keys})
    made = new_city(folder, settings)
    return SupervisedCity(environment=made.environment, folder=made.folder, url=made.url, settings=settings)


async def in_peace(city: SupervisedCity, phases: int, seed: int, tell: Tell) -> Recorded:
    """Write the phases, each with people's answers behind it."""
    installation = Installation(city.settings, city.folder)
    await found_city(installation, plan_with_keys(city.settings.keys_dir))
    signer, log, steps = ensure_key(city.settings.keys_dir, CONSOLE), PhasedLog(Random(seed)), []
    steps.append(await _event_ends(installation))
    async with city.alive():
        await city.settled()
        for number in range(phases):
            await fill(installation, log.phase())
            await _settle(city, installation, steps)
            open_ones = await city.rows(
                "SELECT alert_id, station_id, seq, acked FROM alerts_now WHERE closed_at IS NULL ORDER BY 1"
            )
            await fill(installation, log.answers([dict(row) for row in open_ones], signer))
            await _settle(city, installation, steps)
            tell(f"in peace: phase {number + 1} of {phases}, {len(open_ones)} alerts open")
        found = await outcome(city)
    events = by_partition(await installation.written((TopicName.EVENTS,)))
    plans = by_partition(await installation.written((TopicName.PLANS,)))
    return Recorded(events, plans, steps, found)


async def _settle(city: SupervisedCity, installation: Installation, steps: list[Ends]) -> None:
    steps.append(await _event_ends(installation))
    await city.settled()


async def _event_ends(installation: Installation) -> Ends:
    return {tp.partition: end for tp, end in (await installation.ends((TopicName.EVENTS,))).items()}


async def disturbed(
    city: SupervisedCity, recorded: Recorded, disturbances: Disturbances, tell: Tell
) -> tuple[int, Rows]:
    """The same log, written piece by piece while things happen; how many did, and what came of it."""
    installation, done = Installation(city.settings, city.folder), 0
    await installation.make_topics()
    await copy(city.settings, TopicName.PLANS, recorded.plans, _whole(recorded.plans))
    await copy(city.settings, TopicName.EVENTS, recorded.events, recorded.steps[0])
    phases, deck = len(recorded.steps) // 2, disturbances.decks()
    each = -(-len(disturbances.kinds()) // min(phases, PHASES))
    async with city.alive():
        await city.settled()
        for number in range(phases):
            before, end, answered = recorded.steps[2 * number : 2 * number + 3]
            chosen = list(islice(deck, each))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_write_slowly(city, recorded, before, end))
                for name, disturb in chosen:
                    tell(f"phase {number + 1} of {phases}: {name}")
                    await asyncio.sleep(disturbances.chance.uniform(0.2, 1.5))
                    await disturb()
                    done += 1
            await city.settled()
            await copy(city.settings, TopicName.EVENTS, recorded.events, answered)
            await city.settled()
        tell(f"starts: {dict(city.starts)}")
        return done, await outcome(city)


async def _write_slowly(city: SupervisedCity, recorded: Recorded, before: Ends, end: Ends) -> None:
    for piece in range(1, PIECES + 1):
        await asyncio.sleep(WRITTEN_IN_S / PIECES)
        upto = {number: at + (end[number] - at) * piece // PIECES for number, at in before.items()}
        await copy(city.settings, TopicName.EVENTS, recorded.events, upto)


def _whole(log: Log) -> Ends:
    return {number: len(records) for number, records in log.items()}


PHASES = 4
"""Of the short form, in which each kind of disturbance comes once."""


def chaos(folder: Path, disk: SmallDisk, *, phases: int, seed: int, tell: Tell) -> None:
    """Both runs, and their comparison."""
    began = time.monotonic()
    peaceful, troubled = (
        city_in(folder / "peace", folder / "keys"),
        city_in(folder / "chaos", folder / "keys"),
    )
    recorded = asyncio.run(in_peace(peaceful, phases, seed, tell))
    assert all(recorded.outcome.values()), {name: len(rows) for name, rows in recorded.outcome.items()}
    disturbances = Disturbances(troubled, disk, Random(seed))
    done, found = asyncio.run(disturbed(troubled, recorded, disturbances, tell))
    for name, rows in recorded.outcome.items():
        missing = [row for row in rows if row not in found[name]]
        added = [row for row in found[name] if row not in rows]
        assert found[name] == rows, f"{name}: missing {missing[:3]}, added {added[:3]}"
    compared = ", ".join(f"{len(rows)} {name}" for name, rows in found.items())
    events = sum(map(len, recorded.events.values()))
    took_s = time.monotonic() - began
    tell(f"{done} disturbances in {took_s:.0f} s changed nothing of {events} events: {compared}")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_what_is_disturbed_ends_as_what_is_not(tmp_path: Path, disk: SmallDisk, tell: Tell) -> None:
    """Each kind of disturbance once."""
    chaos(tmp_path, disk, phases=PHASES, seed=110118, tell=tell)


@pytest.mark.chaos
@pytest.mark.timeout(3_000)
def test_what_is_disturbed_for_long_ends_as_what_is_not(tmp_path: Path, disk: SmallDisk, tell: Tell) -> None:
    """Each kind of disturbance several times, by a seed."""
    seed = int(os.environ.get("MIYUN_BENCH_CHAOS_SEED", "5"))
    phases = int(os.environ.get("MIYUN_BENCH_CHAOS_PHASES", "16"))
    chaos(tmp_path, disk, phases=phases, seed=seed, tell=tell)
