"""Publishing a plan: its parts first, then a signed plan event on every partition of ``events``."""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiokafka import AIOKafkaProducer

from schemas.base import MIN_TIME_MS
from schemas.events import EventKind
from schemas.headers import ce_headers, time_ms
from schemas.outputs import PlanPublished
from schemas.plan import Plan, PublicKey, plan_bytes, plan_id
from schemas.topics import DAY_MS, EVENT_PARTITIONS, TopicName, control_key
from services.plans.city.folder import load_city
from services.plans.compile.compiler import compile_city
from services.plans.publish.store import read_store, write_active, write_parts
from services.runtime.clock import NoCityTimeError, city_time_ms, log_time_ms
from services.runtime.kafka import ensure_namespace, make_producer, wait_for_broker
from services.runtime.settings import Settings
from services.runtime.signing import PUBLISHER, SIGNERS, ensure_key, sign_plan_event

VALID_FOR = timedelta(minutes=10)
NOTED_AHEAD_MS = 30 * DAY_MS
BROKER_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Published:
    """The outcome of publishing: ``new`` is False when the plan was the active one already."""

    plan_id: str
    plan: Plan
    new: bool


async def publish(
    settings: Settings, folder: Path, *, actor: str, at_ms: int | None = None, again: bool = False
) -> Published:
    """Compile the city in ``folder`` and let every partition be judged by it. Idempotent.

    ``at_ms`` is the time of the plan events under ``clock=log`` (default: the log's last, or else
    ``city_start`` less the history and a second). ``again`` writes the events even if the plan is the
    active one.

    Raises:
        services.plans.city.folder.CityError: the city has mistakes; nothing was written, no topic made.
        services.runtime.kafka.KafkaUnavailableError: no broker answers.
        services.runtime.kafka.NamespaceError: the namespace is not what the settings say.
        services.runtime.signing.KeyFileError: a signing key cannot be used.
    """
    await wait_for_broker(settings.kafka_bootstrap, timeout_s=BROKER_WITHIN_S)
    now = await _now(settings) if at_ms is None else at_ms
    city = load_city(folder, at_ms=now)
    plan = compile_city(city, keys=public_keys(settings))
    epoch = await ensure_namespace(settings, timeout_s=BROKER_WITHIN_S)
    serialised = plan_bytes(plan)
    name = plan_id(serialised)
    stored = await read_store(settings.kafka_bootstrap, settings.namespace)
    is_stored = stored.plan(name) is not None
    before = stored.published or PlanPublished(plan="", epoch="")
    if (before.plan, before.epoch) == (name, epoch) and is_stored and not again:
        return Published(name, plan, new=False)
    published = PlanPublished(plan=name, epoch=epoch, number=_number_after(before))
    async with make_producer(settings) as producer:
        if not is_stored:
            await write_parts(producer, settings.namespace, serialised)
        await _write_events(producer, settings, published, actor=actor, now=now)
        await write_active(producer, settings.namespace, published)
    return Published(name, plan, new=True)


def _number_after(before: PlanPublished) -> int:
    """A number for the next plan events, larger than those before.

    It is the machine's clock (epoch ms), so that it is also larger than that of a publisher which ended
    before it could note its own; or the next after the one noted, if the clock was set back. A note of the
    far future is none of ours.
    """
    now = time.time_ns() // 1_000_000
    return max(now, before.number + 1 if before.number < now + NOTED_AHEAD_MS else 0)


async def _write_events(
    producer: AIOKafkaProducer, settings: Settings, published: PlanPublished, *, actor: str, now: int
) -> None:
    """One signed event for all partitions; each record has an id of its own."""
    key = ensure_key(settings.keys_dir, PUBLISHER)
    expires = now + round(VALID_FOR.total_seconds() * 1000)
    event = sign_plan_event(
        key,
        published.plan,
        actor=actor,
        issued=now,
        expires=expires,
        epoch=published.epoch,
        number=published.number,
    )
    value = event.model_dump_json().encode()
    for partition in range(EVENT_PARTITIONS):
        await producer.send_and_wait(
            TopicName.EVENTS.within(settings.namespace),
            value,
            key=control_key(partition).encode(),
            partition=partition,
            headers=ce_headers(EventKind.PLAN, PUBLISHER, f"{event.id}:{partition}", now),
        )


def public_keys(settings: Settings) -> list[PublicKey]:
    """The public keys of all signers of this installation, made where missing."""
    keys = [ensure_key(settings.keys_dir, signer) for signer in SIGNERS]
    return [
        PublicKey(
            key_id=key.key_id,
            signer=key.signer,
            public_key=key.public_key,
            valid_from=MIN_TIME_MS,
            valid_until=None,
        )
        for key in keys
    ]


async def _now(settings: Settings) -> int:
    """City time; a log that is not there, or carries no time yet, begins a second before its history."""
    if settings.clock == "wall":
        return await city_time_ms(settings)
    try:
        latest = await log_time_ms(settings)
    except NoCityTimeError:
        latest = None
    history_ms = round(settings.history_hours * 3_600_000)
    return time_ms(settings.city_start) - history_ms - 1_000 if latest is None else latest
