"""A manhole's cover that reports to a city under ``clock=log``, and the time that passes meanwhile."""

from aiokafka import AIOKafkaProducer
from support.console_city import ConsoleCity

from schemas.events import Scan, Telemetry
from schemas.headers import ce_headers
from schemas.topics import TopicName, control_key, partition_of
from services.runtime.clock import city_time_ms
from services.runtime.settings import Settings

SECOND = 1_000
TICK_S = 10


async def report(city: ConsoleCity, station: str, *, cover: int, for_s: int) -> None:
    """The cover is open (1) or shut (0), and so many seconds pass on its partition."""
    settings = Settings(namespace=city.simulated.namespace, clock="log")
    began = await city_time_ms(settings) + SECOND
    partition = partition_of(station)
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap) as producer:

        async def send(kind: str, key: str, value: bytes, at: int) -> None:
            await producer.send_and_wait(
                TopicName.EVENTS.within(settings.namespace),
                value,
                key=key.encode(),
                partition=partition,
                headers=ce_headers(kind, "cover", f"{kind}:{key}:{at}", at),
            )

        for at in range(began, began + for_s * SECOND + 1, TICK_S * SECOND):
            scan = Scan(at=at, values={"cover": float(cover)})
            frame = Telemetry(
                station=station,
                source="cover",
                boot="b1",
                seq=at,
                sent_at=at,
                nature="simulated",
                scans=[scan],
            )
            await send("telemetry", station, frame.model_dump_json().encode(), at)
            await send("tick", control_key(partition), b"{}", at)
