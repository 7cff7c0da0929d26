"""A streaming service's process: Faust app, worker and endpoints, wired together and run to their end."""

import asyncio
import gc
import logging
import os
from functools import partial
from typing import Any

import faust
import mode
from aiokafka.errors import KafkaError

from schemas.snapshots import SnapshotVersionError
from services.runtime import kafka, web
from services.runtime.following.positions import AnotherLogError
from services.runtime.processes import StopProcessError
from services.runtime.records.authenticity import Signer
from services.runtime.settings import Settings
from services.runtime.unreadable import Unreadable
from services.streaming import chunked
from services.streaming.batches import Batches
from services.streaming.fence import Fence
from services.streaming.logic import H, Logic, S, StreamSpec, T
from services.streaming.worker import Worker

log = logging.getLogger(__name__)

EXIT_REFUSED = 3
"""The checkpoint is not of this log, or of a newer release: a restart would not help."""
STOP_WITHIN_S = 20.0
BROKER_ANSWERS_WITHIN_S = 2.0
TIMER_S = 0.5
GC_THRESHOLD = 20_000
"""Allocations between collections. States live long, and nearly nothing of ours is in a cycle: looking
for garbage as often as Python does by default cost 8 % of a frame's time."""


def build(
    settings: Settings,
    epoch: str,
    *,
    stream: StreamSpec[H, T],
    logic: Logic[H, T, S],
    signer: Signer,
    unreadable: Unreadable | None = None,
) -> Worker[H, T, S]:
    """Composition root. Nothing is started; an event loop must run.

    A service adds timers of its own to the worker's ``app``. ``unreadable``: where it counts what it cannot
    read itself. ``signer``: signs its outputs and checkpoints.
    """
    gc.set_threshold(GC_THRESHOLD)
    producer = kafka.make_producer(settings)
    worker = Worker(
        settings=settings,
        epoch=epoch,
        stream=stream,
        logic=logic,
        app=_faust_app(settings, stream.group.within(settings.namespace)),
        producer=producer,
        batches=Batches(producer, settings.namespace, signer),
        fence=Fence(settings, stream.group, signer),
        unreadable=unreadable or Unreadable(stream.group),
    )
    _wire(worker)
    return worker


def _faust_app(settings: Settings, group: str) -> Any:
    """Settings as measured: no tables, no acknowledgement by Faust, chunks (hence a short buffer)."""
    chunked.register()
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        group,
        broker=[f"{chunked.SCHEME}://{host}" for host in settings.kafka_bootstrap.split(",")],
        datadir=str(settings.state_dir / "faust"),
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="none",
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


def _wire(worker: Worker[H, T, S]) -> None:
    """Calls instead of decorators: Faust's decorators have no types."""
    app = worker.app
    records = app.topic(
        worker.topic, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    async def judge(stream: Any) -> None:
        async for event in stream.noack().events():  # not noack_take: it acknowledges when the agent raises
            await worker.take(event.message)

    async def checkpoint_when_due() -> None:
        while not app.should_stop:
            await app.sleep(TIMER_S)
            await worker.checkpoint_if_due()

    async def loaded(_: Any, **__: Any) -> None:
        await worker.load()
        gc.collect()
        gc.freeze()

    async def released(_: Any, *__: Any, **___: Any) -> None:
        await worker.release()

    app.agent(records, name="judge")(judge)
    app.task(checkpoint_when_due)
    app.on_rebalance_complete.connect(loaded)  # awaited before records flow again
    app.on_partitions_revoked.connect(released)  # we are the owner until it returns
    app.on_before_shutdown.connect(released)  # Faust takes no checkpoint for us


async def health(worker: Worker[H, T, S]) -> web.Health:
    """Ready once the assigned partitions are loaded, the broker answers and the service itself is well."""
    own = worker.logic.health(worker.states.values())
    reasons = [] if worker.is_loaded else ["not_loaded"]
    try:
        await asyncio.wait_for(worker.producer.client.fetch_all_metadata(), BROKER_ANSWERS_WITHIN_S)
    except (KafkaError, TimeoutError, OSError):
        reasons.append("broker_unreachable")
    details = {
        "namespace": worker.settings.namespace,
        "partitions": sorted(worker.assigned),
        "unreadable": dict(worker.unreadable.by_topic),
    }
    return web.Health((*reasons, *own.reasons), details | own.details)


async def run(worker: Worker[H, T, S], port: int) -> int:
    """Run until a signal cancels this, or something fails. ``port``: of the endpoints.

    Raises:
        StopProcessError: a checkpoint is not of this log (exit code 3).
    """
    settings, app = worker.settings, worker.app
    await worker.producer.start()
    async with web.serving(partial(health, worker), settings.host, port):
        told = {"namespace": settings.namespace, "epoch": worker.epoch}
        log.info(f"{worker.stream.group}: starting", extra=told)
        app.finalize()
        try:
            await app.start()
            await app.wait()
        finally:
            await _stop(worker)
    return _exit_code(app.crash_reason)


def _exit_code(reason: BaseException | None) -> int:
    if reason is None:
        return 0
    cause: BaseException | None = reason
    while cause is not None:
        if isinstance(cause, AnotherLogError | SnapshotVersionError):
            raise StopProcessError(str(reason), exit_code=EXIT_REFUSED)
        cause = cause.__cause__
    raise reason


async def _stop(worker: Worker[H, T, S]) -> None:
    """Faust's consumer has a thread that can hang when the broker is away: then the process just ends."""
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await worker.app.stop()
            await worker.fence.drop()
            await worker.producer.stop()
    except TimeoutError:
        log.critical(f"{worker.stream.group}: did not stop in time", extra={"seconds": STOP_WITHIN_S})
        os._exit(1)
