"""What people do in the golden log: commands about its alerts, and plan events; believed, refused, forged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.engine_log import MINUTE
from support.golden_log import Golden, Json, Judge
from support.monitor_city import Sent, event

from schemas.alerts import MAX_COMMENT_BYTES
from schemas.events import Command, CommandName, PlanEvent, signing_bytes
from schemas.plan import PublicKey
from schemas.topics import EVENT_PARTITIONS, control_key, partition_of
from services.runtime.signing import CLI, CONSOLE, PUBLISHER, SigningKey, key_id_of

DAY = 24 * 60 * MINUTE
SHIFT = (12, 17, 26, 33, 41, 47, 52, 58, 66, 73, 81, 88, 96, 109, 117, 124, 131, 139, 146)
"""Minutes at which the operator acknowledges the newest alert that waits for it."""


@dataclass
class Log:
    """The log as it grows: numbers records as a broker does, and judges along, so that people can answer."""

    golden: Golden
    judge: Judge
    begin: int
    """Epoch ms of minute 0."""
    alerts: dict[str, Json] = field(default_factory=dict)
    """Last snapshots, by id, the alert that changed last at the end."""
    failed: list[tuple[int, int]] = field(default_factory=list)

    def append(self, sent: Sent, at: int) -> None:
        """The next record of its partition."""
        offset = self.judge.partitions[sent.partition].next
        record = replace(sent, offset=offset, timestamp=at + 40)
        self.golden.events.append(record)
        for effect in self.judge.take(record):
            if effect["kind"] == "alert":
                self.alerts.pop(effect["body"]["alert_id"], None)
                self.alerts[effect["body"]["alert_id"]] = effect["body"]

    def append_failed(self, sent: Sent, at: int) -> None:
        """A record at which the engine fails."""
        place = (sent.partition, self.judge.partitions[sent.partition].next)
        self.judge.fails_at.add(place)
        self.failed.append(place)
        self.append(sent, at)

    def find(self, rule: str, state: str = "") -> Json:
        """The alert of a rule that changed last."""
        fitting = [a for a in self.alerts.values() if a["rule_id"] == rule and state in ("", a["state"])]
        assert fitting, f"no alert of {rule} in {state or 'any state'}"
        return fitting[-1]


Act = Callable[[Log, int], Iterator[Sent]]
"""What stands on the log at an instant (epoch ms), given what has come of it so far."""


def signing_key(signer: str, text: str) -> SigningKey:
    """A key that follows from a text."""
    private = Ed25519PrivateKey.from_private_bytes(sha256(text.encode()).digest())
    public = private.public_key().public_bytes_raw().hex()
    return SigningKey(signer, key_id_of(public), public, private)


KEYS = {signer: signing_key(signer, f"golden {signer}") for signer in (PUBLISHER, CLI, CONSOLE)}
WITHDRAWN = signing_key(CONSOLE, "golden, of last year")
STRANGER = signing_key(CLI, "of nobody")


def public_keys(begin: int) -> list[PublicKey]:
    """What the plans say about keys: one of the console is not valid any more."""
    valid = [_public(key, begin, None) for key in KEYS.values()]
    return [*valid, _public(WITHDRAWN, begin, begin - DAY)]


def _public(key: SigningKey, begin: int, until: int | None) -> PublicKey:
    return PublicKey(
        key_id=key.key_id,
        signer=key.signer,
        public_key=key.public_key,
        valid_from=begin - 365 * DAY,
        valid_until=until,
    )


def command(alert: Json, at: int, *, key: SigningKey = KEYS[CONSOLE], **changes: Any) -> Sent:
    """A signed command about an alert; by default an acknowledgement of what is shown."""
    fields = {
        "id": f"{changes.get('name', 'ack')}-{at}",
        "station": alert["station_id"],
        "name": CommandName.ACK,
        "target": alert["alert_id"],
        "seen_seq": alert["seq"],
        "actor": "wang.li",
        "signer": key.signer,
        "key_id": key.key_id,
        "issued": at,
        "expires": at + 5 * MINUTE,
        "body": {},
        **changes,
    }
    unsigned = Command(**fields, signature="")
    signature = key.private.sign(signing_bytes(unsigned)).hex()
    value = unsigned.model_copy(update={"signature": signature}).model_dump_json().encode()
    return event("command", unsigned.station, partition_of(unsigned.station), value, at)


def comment(alert: Json, at: int, text: str, **changes: Any) -> Sent:
    """A signed comment."""
    return command(alert, at, name=CommandName.COMMENT, body={"text": text}, **changes)


def plan_event(
    plan: str, partition: int, at: int, *, key: SigningKey = KEYS[PUBLISHER], **changes: Any
) -> Sent:
    """A signed plan event of one partition."""
    fields = {
        "id": f"plan-{plan[:8]}-{partition}-{at}",
        "plan": plan,
        "actor": "chen.jing",
        "signer": key.signer,
        "key_id": key.key_id,
        "issued": at,
        "expires": at + 10 * MINUTE,
        **changes,
    }
    unsigned = PlanEvent(**fields, signature="")
    signature = key.private.sign(signing_bytes(unsigned)).hex()
    value = unsigned.model_copy(update={"signature": signature}).model_dump_json().encode()
    return event("plan", control_key(partition), partition, value, at)


def publish(plan: str) -> Act:
    """A plan becomes active on all partitions."""

    def events(_: Log, at: int) -> Iterator[Sent]:
        for partition in range(EVENT_PARTITIONS):
            yield plan_event(plan, partition, at)

    return events


def bad_plans(plan: str) -> Act:
    """Plan events that nobody believes, or of a plan that is not there."""

    def events(_: Log, at: int) -> Iterator[Sent]:
        forged = plan_event(plan, 3, at)
        yield replace(forged, value=(forged.value or b"").replace(b"chen.jing", b"eve"))
        yield plan_event(plan, 4, at, key=KEYS[CLI])
        yield plan_event(plan, 5, at, issued=at + 2 * MINUTE)
        yield plan_event(plan, 6, at, issued=at - 20 * MINUTE, expires=at)
        yield plan_event("e" * 64, 7, at)

    return events


def acts() -> list[tuple[float, Act]]:
    """What the operators do, by minutes after the log's begin."""
    return [
        *((float(minute), acknowledge_newest) for minute in SHIFT),
        (13.5, acknowledge_twice),
        (19.0, write_comments),
        (36.0, acknowledge_wrongly),
        (43.0, forge),
        (62.0, acknowledge_what_has_returned),
        (119.5, acknowledge_twice),
    ]


def acknowledge_newest(log: Log, at: int) -> Iterator[Sent]:
    """The alert that changed last and waits for somebody, with a note."""
    waiting = [alert for alert in log.alerts.values() if alert["state"] in ("B", "D")]
    if waiting:
        yield command(waiting[-1], at, body={"note": "已派人"}, key=KEYS[CLI], actor="zhao.min")


def acknowledge_twice(log: Log, at: int) -> Iterator[Sent]:
    """The second is too late, and a command that comes again is refused."""
    alert = log.find("manhole.cover", "B")
    first = command(alert, at)
    yield first
    yield first
    yield command(log.find("manhole.cover"), at + 1_000, actor="zhao.min")


def write_comments(log: Log, at: int) -> Iterator[Sent]:
    """One that is kept, one of nothing, one that is too long."""
    alert = log.find("gas.chamber_lel")
    yield comment(alert, at, "燃气公司已到现场\nthe crew is there", actor="zhao.min")
    yield comment(alert, at + 1, "  ")
    yield comment(alert, at + 2, "长" * (MAX_COMMENT_BYTES // 3 + 1))
    yield command(alert, at + 3, body={"note": "长" * (MAX_COMMENT_BYTES // 3 + 1)})


def acknowledge_wrongly(log: Log, at: int) -> Iterator[Sent]:
    """Of what got worse since it was shown, what was never shown, what is not there, what is over."""
    alert = log.find("gas.chamber_lel", "B")
    yield command(alert, at, seen_seq=alert["annunciated_seq"] - 1)
    yield command(alert, at + 1, seen_seq=alert["seq"] + 5)
    yield command(alert, at + 2, target="00000000-0000-5000-8000-000000000000")
    over = log.find("light.door_open", "A")
    yield command(over, at + 3)
    yield command(alert | {"station_id": "gas-nowhere"}, at + 4)


def forge(log: Log, at: int) -> Iterator[Sent]:
    """Commands that are not believed, each for another reason."""
    alert = log.find("gas.chamber_lel")
    forged = command(alert, at)
    yield replace(forged, value=(forged.value or b"").replace(b"wang.li", b"eve"))
    yield command(alert, at + 1, key=STRANGER)
    yield command(alert, at + 2, key=WITHDRAWN)
    yield command(alert, at + 3, issued=at - 20 * MINUTE, expires=at)
    yield command(alert, at + 4, issued=at + 2 * MINUTE, expires=at + 9 * MINUTE)


def acknowledge_what_has_returned(log: Log, at: int) -> Iterator[Sent]:
    """An alert whose condition is over closes when it is seen."""
    yield command(log.find("heat.pri_pressure_drop", "D"), at)
