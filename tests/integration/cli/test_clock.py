"""City time: the log's under clock=log, the world's under clock=wall."""

import time

import pytest
from support.engine_log import MINUTE, SECOND, T0
from support.monitor_city import tick, write

from schemas.topics import TopicName
from services.runtime.clock import NoCityTimeError, city_time_ms
from services.runtime.kafka import make_producer
from services.runtime.settings import Settings


async def test_a_log_without_time_says_so_and_then_its_largest_time_is_now(settings: Settings) -> None:
    """Genesis records move no clock; the largest ce_time among the partitions' last records does."""
    with pytest.raises(NoCityTimeError, match=settings.namespace):
        await city_time_ms(settings)

    topic = TopicName.EVENTS.within(settings.namespace)
    async with make_producer(settings) as producer:
        await write(producer, topic, [tick(3, T0 + 5 * MINUTE), tick(3, T0 + 4 * MINUTE), tick(9, T0)])
        assert await city_time_ms(settings) == T0 + 5 * MINUTE

        await write(producer, topic, [tick(0, T0 + 5 * MINUTE + SECOND)])
        assert await city_time_ms(settings) == T0 + 5 * MINUTE + SECOND


async def test_the_wall_clock_needs_no_log(settings: Settings) -> None:
    """Under clock=wall the time is the world's, even when no broker is there."""
    lonely = settings.model_copy(update={"clock": "wall", "kafka_bootstrap": "127.0.0.1:1"})

    assert abs(await city_time_ms(lonely) - time.time() * 1000) < 5_000


async def test_a_namespace_without_topics_is_named(settings: Settings) -> None:
    """No waiting for a topic that nobody makes: one message that names it."""
    nowhere = settings.model_copy(update={"namespace": "t_nowhere"})

    with pytest.raises(NoCityTimeError, match=r"t_nowhere\.events"):
        await city_time_ms(nowhere)
