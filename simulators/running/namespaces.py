"""Whether a namespace is still empty, and emptying one that is not."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import TOPICS

GONE_TIMEOUT_S = 20.0


async def used_topics(bootstrap: str, namespace: str) -> list[str]:
    """The namespace's topics that exist on the broker."""
    names = {topic.within(namespace) for topic in TOPICS}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        return sorted(names & set(await admin.list_topics()))
    finally:
        await admin.close()


async def delete_topics(bootstrap: str, namespace: str) -> list[str]:
    """Delete the namespace's topics and wait until they are gone.

    Raises:
        TimeoutError: the broker did not finish in time.
    """
    names = await used_topics(bootstrap, namespace)
    if names:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await admin.start()
            await admin.delete_topics(names)
        finally:
            await admin.close()
        async with asyncio.timeout(GONE_TIMEOUT_S):
            while await used_topics(bootstrap, namespace):  # noqa: ASYNC110  # Kafka tells only who asks
                await asyncio.sleep(0.2)
    return names
