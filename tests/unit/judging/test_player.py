"""A log is played as the monitor judges it: ticks between its lines, only what it names is expected."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from support.engine_log import MINUTE, SECOND, T0
from support.monitor_city import POINTS, STATIONS, city_plan

from schemas.events import CommandName
from schemas.plan import PublicKey, plan_bytes, plan_id
from schemas.topics import partition_of
from services.judging.log_lines import LogLine, Survey, parse_line
from services.judging.outcome_lines import OutcomeLine
from services.judging.player import EPOCH, Player, Trust, plan_of_log
from services.judging.saved_state import SavedStateError, resumed, saved
from services.runtime.signing import CLI, PUBLISHER, SigningKey, ensure_key, sign_command, sign_plan_event

PLAN = city_plan()
NAME = plan_id(plan_bytes(PLAN))
STATION, OTHER = STATIONS[:2]
HOME = partition_of(STATION)
Line = dict[str, Any]


def read(at: int, ch4: float, *, station: str = STATION, **changes: Any) -> Line:
    """A frame of one scan, arrived at once."""
    scans = [{"at": at, "values": {POINTS[0]: ch4}}]
    frame = {"station": station, "source": "gw-1", "boot": "b1", "seq": at // 1_000 % 10**6, "sent_at": at}
    return {"arrival": at, "value": {**frame, "nature": "real", "scans": scans, **changes}}


def parsed(lines: Iterable[Line]) -> list[LogLine]:
    """As they are read from a file."""
    return [parse_line(json.dumps(line)) for line in lines]


def player(lines: list[LogLine], *, trust: Trust | None = None, **changes: Any) -> Player:
    """What plays them."""
    survey = Survey.of(lines)
    plan = plan_of_log(PLAN, NAME, survey.stations, trust)
    return Player(plan=plan, begins_at=survey.first or 0, trust=trust, **changes)


def played(lines: Iterable[Line], *, after_ms: int = 0, **changes: Any) -> list[OutcomeLine]:
    """What comes of them."""
    log = parsed(lines)
    return list(player(log, **changes).play(log, after_ms=after_ms))


def of_type(lines: Iterable[OutcomeLine], name: str) -> list[OutcomeLine]:
    """The lines of a type."""
    return [line for line in lines if line["type"] == name]


def test_a_transition_has_the_fields_that_people_ask_for() -> None:
    """And no others."""
    (raised,) = of_type(played([read(T0, 30.0)]), "transition")
    assert raised == {
        "type": "transition",
        "rule": "gas.chamber_lel",
        "point": POINTS[0],
        "station": STATION,
        "severity": "warn",
        "state": "B",
        "reason": "raised",
        "late": False,
        "clock_fault": False,
        "held": False,
        "at": T0,
        "value": 30.0,
        "headline": raised["headline"],
    }
    assert set(raised["headline"]) == {"zh", "en"}


def test_only_what_the_log_names_is_expected() -> None:
    """The city's other stations are not silent: nothing is known of them."""
    lines = played([read(T0, 1.0)], after_ms=10 * MINUTE)
    conditions = of_type(lines, "condition")
    assert {line["station"] for line in lines if line["station"]} == {STATION}
    assert [line["state"] for line in conditions][-1] in ("silent", "partial")
    assert set(conditions[-1]) == {"type", "station", "state", "silent_points", "at"}


def test_time_passes_between_the_lines_and_after_them() -> None:
    """By default it ends with the last line; without ticks of ours the log's own records let it pass."""
    lines = [read(T0, 1.0), read(T0 + 10 * MINUTE, 1.0)]
    assert len(of_type(played(lines), "condition")) == 3  # reports, is silent, reports
    assert len(of_type(played(lines, tick_ms=0), "condition")) == 1  # nothing says that time has passed
    assert len(of_type(played(lines[:1]), "condition")) == 1
    ticks = [{"arrival": T0 + minute * MINUTE, "kind": "tick"} for minute in range(1, 5)]
    assert len(of_type(played([lines[0], *ticks], tick_ms=0), "condition")) == 2


def test_ticks_that_have_nothing_to_do_are_left_out() -> None:
    """A pause of seventy years takes no longer than one of an hour, and is told like it."""
    for pause in (60 * MINUTE, 365 * 24 * 60 * MINUTE, 70 * 365 * 24 * 60 * MINUTE):
        lines = of_type(played([read(T0, 1.0), read(T0 + pause, 1.0)]), "condition")
        assert [line["state"] for line in lines] == ["reporting", "silent", "partial"]


def test_what_is_refused_says_why() -> None:
    """A value that is no JSON, a station that nobody knows, a code that the station has not."""
    lines = played(
        [
            {"arrival": T0, "value": "{"},
            read(T0, 1.0, station="nowhere"),
            read(T0, 1.0, scans=[{"at": T0, "values": {"x": 1.0}}]),
        ]
    )
    refused = of_type(lines, "rejection")
    assert [line["reason"] for line in refused] == ["not_json", "unknown_station", "unknown_point"]
    assert [line["station"] for line in refused] == [None, "nowhere", STATION]
    assert [line["at"] for line in refused] == [T0, T0, T0]
    assert all(set(line) == {"type", "station", "source", "reason", "detail", "at"} for line in refused)


@pytest.fixture
def cli(publisher: SigningKey, tmp_path: Any) -> SigningKey:
    """A signer of commands."""
    return ensure_key(tmp_path / "keys", CLI)


def acknowledgement(key: SigningKey, target: str, at: int) -> Line:
    """A signed command."""
    fields: dict[str, Any] = {"station": STATION, "target": target, "seen_seq": 1, "actor": "li", "body": {}}
    signed = sign_command(key, CommandName.ACK, issued=at, expires=at + MINUTE, **fields)
    return {"arrival": at, "kind": "command", "value": signed.model_dump(mode="json")}


def trust(publisher: SigningKey, cli: SigningKey) -> Trust:
    """Whoever holds these keys is believed."""
    public = PublicKey(
        key_id=cli.key_id, signer=CLI, public_key=cli.public_key, valid_from=0, valid_until=None
    )
    return Trust(publisher.public_key, (public,))


def test_signed_lines_are_believed_by_keys_or_reported_as_unverified(
    publisher: SigningKey, cli: SigningKey
) -> None:
    """Commands and plan events; what is signed by somebody else is refused as in the monitor."""
    log = parsed([read(T0, 30.0)])
    first = player(log, trust=trust(publisher, cli))
    list(first.play(log))
    (alert,) = first.partitions[HOME].states[STATION].cold.alerts.values()
    plan = sign_plan_event(publisher, NAME, actor="li", issued=T0, expires=T0 + MINUTE, epoch=EPOCH, number=1)
    assert plan.signer == PUBLISHER
    lines = [
        read(T0, 30.0),
        {"arrival": T0 + SECOND, "kind": "plan", "value": plan.model_dump(mode="json"), "partition": HOME},
        acknowledgement(cli, alert.alert_id, T0 + SECOND),
    ]
    believed = played(lines, trust=trust(publisher, cli))
    assert [line["reason"] for line in of_type(believed, "transition")] == ["raised", "acknowledged"]
    assert of_type(believed, "rejection") == []
    unverified = of_type(played(lines), "rejection")
    assert [line["reason"] for line in unverified] == ["unverified", "unverified"]
    strange = played([*lines, lines[1]], trust=Trust(cli.public_key, ()))
    assert [line["reason"] for line in of_type(strange, "rejection")] == ["bad_signature"] * 3


def test_a_log_may_be_played_in_parts() -> None:
    """What is known at the end of one is where the next begins."""
    lines = [read(T0 + n * 15 * SECOND, 10.0 + 5 * (n % 7)) for n in range(60)]
    whole = played(lines, after_ms=5 * MINUTE)
    log = parsed(lines)
    first = player(log[:30])
    found = list(first.play(log[:30]))
    begun = resumed(list(saved(first.partitions, first.offsets)))
    assert STATION in begun.stations
    assert begun.plans == {HOME: NAME}
    second = Player(
        plan=first.plan, begins_at=log[30].arrival, partitions=begun.partitions, offsets=begun.offsets
    )
    found += second.play(log[30:], after_ms=5 * MINUTE)
    assert found == whole
    assert of_type(whole, "transition")


@pytest.mark.parametrize("text", ["no", "{}", '{"partition": 1, "key": "_p1|header", "value": "AAAA"}', "[]"])
def test_what_is_no_state_is_said(text: str) -> None:
    """With its line."""
    with pytest.raises(SavedStateError, match="line 1: "):
        resumed([text])
