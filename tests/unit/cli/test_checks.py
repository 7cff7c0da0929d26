"""What ``miyun status`` and ``miyun doctor`` say of what they have seen."""

from pathlib import Path

import pytest

from schemas.topics import EVENT_PARTITIONS, TOPICS
from services.cli.checks import host
from services.cli.checks.broker import differences
from services.cli.checks.database import Plans, migration_line, plan_line
from services.cli.checks.status import stations_line
from services.runtime.settings import Settings

ALL = list(range(EVENT_PARTITIONS))


def plan(plan_id: str, partitions: list[int], stations: int | None = 3) -> dict[str, object]:
    """A plan that judges these partitions."""
    return {"plan_id": plan_id, "partitions": partitions, "stations": stations, "points": 9, "rules": 2}


def test_one_plan_for_all_partitions_is_well() -> None:
    """Short name and figures of the plan are shown."""
    line = plan_line([plan("a" * 64, ALL)])

    assert line.well
    assert "aaaaaaaaaaaa, 3 stations, 9 points, 2 rules" in line.what()


@pytest.mark.parametrize(
    "active",
    [
        [],
        [plan("a", ALL[:9]), plan("b", ALL[9:])],
        [plan("a", ALL[:9])],
        [plan("a", ALL, stations=None)],
    ],
)
def test_anything_else_is_not_well_and_says_what_to_do(active: Plans) -> None:
    """No plan, two plans, a plan on some partitions, a plan whose content is unknown."""
    line = plan_line(active)

    assert not line.well
    assert line.remedy("zh")
    assert line.remedy("en")


@pytest.mark.parametrize(
    ("applied", "word"),
    [
        ({"0001": "x"}, "0002"),
        ({"0001": "x", "0002": "y", "0003": "z"}, "newer release"),
        ({"0001": "other", "0002": "y"}, "changed"),
    ],
)
def test_a_schema_that_is_not_of_this_release_is_told_apart(applied: dict[str, str], word: str) -> None:
    """Behind, ahead, or changed under our feet: three remedies."""
    ours = {"0001": "x", "0002": "y"}

    assert migration_line("t", ours, ours).well
    line = migration_line("t", ours, applied)
    assert not line.well
    assert word in line.what()


def test_a_topic_that_differs_is_named_with_what_is_declared() -> None:
    """Setting by setting, so that it can be put right."""
    topic = next(iter(TOPICS.values()))
    declared = topic.config()

    assert differences(topic, "t", partitions=topic.partitions, there=declared) == []
    told = differences(topic, "t", partitions=3, there=declared | {"retention.ms": "1"})
    assert [line.well for line in told] == [False, False]
    assert "3 partitions" in told[0].what()
    assert declared["retention.ms"] in told[1].what()


async def test_a_key_that_others_can_read_is_a_problem(tmp_path: Path) -> None:
    """Present and private is well; missing or readable is not, and the remedy is a command."""
    settings = Settings(_env_file=None, keys_dir=tmp_path)  # type: ignore[call-arg]
    assert "publisher and cli" in (await host.keys(settings))[0].what()

    for name in ("publisher", "cli"):
        (tmp_path / f"{name}.key").touch(mode=0o600)
    assert all(line.well for line in await host.keys(settings))

    (tmp_path / "cli.key").chmod(0o640)
    (line,) = await host.keys(settings)
    assert not line.well
    assert line.remedy().startswith(f"chmod 600 {tmp_path / 'cli.key'}")


def test_a_city_of_which_nobody_speaks_is_not_well() -> None:
    """Some silent stations are the alerts' business; all of them are ours."""
    assert stations_line({"reporting": 1, "silent": 9}).well
    assert not stations_line({"silent": 9, "unheard": 1}).well
    assert "1 of 10 reporting, 9 silent" in stations_line({"reporting": 1, "silent": 9}).what()
