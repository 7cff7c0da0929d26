"""The monitor's process: Faust app, worker and endpoints, wired together and run to their end."""

import asyncio
import gc
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import faust
import mode
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.topics import TopicName
from services.monitor import chunked
from services.monitor.catalogue import Catalogue, LoadPlan
from services.monitor.emitter import Outbox
from services.monitor.failures import Failures
from services.monitor.group import group_of
from services.monitor.guard import AnotherLogError
from services.monitor.processor import Processor
from services.monitor.snapshots import SnapshotVersionError
from services.monitor.ticker import send_ticks
from services.monitor.trust import Trust, Verify
from services.monitor.worker import Worker
from services.runtime import kafka, web
from services.runtime.processes import StopProcessError
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

EXIT_REFUSED = 3
"""The checkpoint is not of this log, or of a newer release: a restart would not help."""
STOP_WITHIN_S = 20.0
BROKER_ANSWERS_WITHIN_S = 2.0
DEGRADED_REJECT_SHARE_PCT = 50.0
TIMER_S = 0.5
GC_THRESHOLD = 20_000
"""Allocations between collections. States and plans live long, and nearly nothing of ours is in a cycle:
looking for garbage as often as Python does by default cost 8 % of a frame's time."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """The parts of a monitor process."""

    settings: Settings
    app: Any
    worker: Worker
    producer: AIOKafkaProducer


def build(settings: Settings, epoch: str, *, load_plan: LoadPlan, verify: Verify) -> Monitor:
    """Composition root. Nothing is started; an event loop must run."""
    gc.set_threshold(GC_THRESHOLD)
    app = _faust_app(settings)
    producer = kafka.make_producer(settings)
    worker = Worker(
        settings,
        epoch,
        app=app,
        processor=Processor(
            settings.clock,
            Trust(verify, settings.keys_dir),
            Failures(settings.state_dir / settings.namespace, epoch),
        ),
        catalogue=Catalogue(load_plan),
        outbox=Outbox(producer, settings.namespace),
    )
    monitor = Monitor(settings, app, worker, producer)
    _wire(monitor)
    return monitor


def _faust_app(settings: Settings) -> Any:
    """Settings as measured: no tables, no acknowledgement by Faust, chunks (hence a short buffer)."""
    chunked.register()
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        group_of(settings.namespace),
        broker=[f"{chunked.SCHEME}://{host}" for host in settings.kafka_bootstrap.split(",")],
        datadir=str(settings.state_dir / "faust"),
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        processing_guarantee="at_least_once",
        stream_buffer_maxsize=8,
        stream_wait_empty=False,  # else shutdown waits for acknowledgements that nobody gives
        stream_recovery_delay=0.0,
        broker_commit_interval=1.0,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 4,
        broker_request_timeout=max(30.0, settings.session_timeout_s + 5.0),
        broker_rebalance_timeout=30.0,
        broker_max_poll_interval=300.0,
        producer_acks=-1,
        agent_supervisor=mode.CrashingSupervisor,
    )
    app.transport.fetch_min_bytes = settings.fetch_min_bytes
    app.transport.fetch_max_wait_ms = settings.fetch_max_wait_ms
    return app


def _wire(monitor: Monitor) -> None:
    """Calls instead of decorators: Faust's decorators have no types."""
    app = monitor.app
    events = app.topic(
        TopicName.EVENTS.within(monitor.settings.namespace),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )
    app.agent(events, name="judge")(partial(_judge, monitor.worker))
    _wire_signals(app, monitor.worker)
    app.task(partial(_checkpoint_when_due, monitor))
    if monitor.settings.clock == "wall":
        app.task(partial(_tick, monitor))


def _wire_signals(app: Any, worker: Worker) -> None:
    async def loaded(_: Any, **__: Any) -> None:
        await worker.load()

    async def released(_: Any, *__: Any, **___: Any) -> None:
        await worker.release()

    app.on_rebalance_complete.connect(loaded)  # awaited before records flow again
    app.on_partitions_revoked.connect(released)  # we are the owner until it returns
    app.on_before_shutdown.connect(released)  # Faust takes no checkpoint for us


async def _judge(worker: Worker, stream: Any) -> None:
    async for event in stream.noack().events():  # not noack_take: it acknowledges when the agent raises
        await worker.take(event.message)


async def _checkpoint_when_due(monitor: Monitor) -> None:
    while not monitor.app.should_stop:
        await monitor.app.sleep(TIMER_S)
        await monitor.worker.checkpoint_if_due()


async def _tick(monitor: Monitor) -> None:
    settings = monitor.settings
    while not monitor.app.should_stop:
        await monitor.app.sleep(settings.tick_every_s)
        await send_ticks(monitor.producer, settings.namespace, list(monitor.worker.held))


async def health(monitor: Monitor) -> web.Health:
    """Ready once the assigned partitions are loaded, the broker answers and most records are taken."""
    worker = monitor.worker
    reasons = [] if worker.is_loaded else ["not_loaded"]
    try:
        await asyncio.wait_for(monitor.producer.client.fetch_all_metadata(), BROKER_ANSWERS_WITHIN_S)
    except (KafkaError, TimeoutError, OSError):
        reasons.append("broker_unreachable")
    worst = max((held.reject_share_pct for held in worker.held.values()), default=0.0)
    if worst > DEGRADED_REJECT_SHARE_PCT:
        reasons.append("reject_share")
    details = {
        "namespace": monitor.settings.namespace,
        "partitions": sorted(worker.held),
        "stations": sum(len(held.states) for held in worker.held.values()),
        "reject_share_pct": round(worst, 1),
    }
    return web.Health(tuple(reasons), details)


async def run(settings: Settings, *, load_plan: LoadPlan, verify: Verify) -> int:
    """Run until a signal cancels this, or something fails.

    Raises:
        StopProcessError: a checkpoint is not of this log (exit code 3).
    """
    epoch = await kafka.ensure_namespace(settings)
    monitor = build(settings, epoch, load_plan=load_plan, verify=verify)
    await monitor.producer.start()
    endpoints = await web.serve(partial(health, monitor), settings.host, settings.monitor_port)
    log.info("monitor starts", extra={"namespace": settings.namespace, "epoch": epoch})
    monitor.app.finalize()
    try:
        await monitor.app.start()
        await monitor.app.wait()
    finally:
        await _stop(monitor)
        if endpoints is not None:
            await endpoints.cleanup()
    return _exit_code(monitor.app.crash_reason)


def _exit_code(reason: BaseException | None) -> int:
    if reason is None:
        return 0
    if any(isinstance(cause, AnotherLogError | SnapshotVersionError) for cause in _chain(reason)):
        raise StopProcessError(str(reason), exit_code=EXIT_REFUSED)
    raise reason


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


async def _stop(monitor: Monitor) -> None:
    """Faust's consumer has a thread that can hang when the broker is away: then the process just ends."""
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await monitor.app.stop()
            await monitor.producer.stop()
    except TimeoutError:
        log.critical("could not stop in time", extra={"seconds": STOP_WITHIN_S})
        os._exit(1)
