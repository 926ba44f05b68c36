"""Before the first fault and after the last: everything works, everything comes to rest, within a bounded time."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import asyncpg

from publisher.errors import BrokerUnavailable
from schemas.names import INGRESS_QUEUE
from schemas.partitions import partition_queue
from tests.faults.cluster.cluster import CONSUMERS, FEED_QUEUE, Cluster
from worker.broker.queue_counts import count_queues

START_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.5
QUIET_SECONDS = 2.0


async def everything_works(cluster: Cluster) -> bool:
    """Return whether every partition came to have an owner in time."""
    return await _until(_all_is_owned, cluster, START_TIMEOUT_SECONDS)


async def _all_is_owned(cluster: Cluster) -> bool:
    rows = await cluster.admin.rows("SELECT count(*) FROM partitions WHERE epoch > 0")
    return bool(rows[0]["count"] == cluster.size.partitions)


async def heal(cluster: Cluster) -> None:
    """Mend whatever a fault may have left broken."""
    for wires in cluster.wires:
        await wires.heal()
    for seat in cluster.seats:
        seat.process.signal(signal.SIGCONT)
        seat.order(clear=True)
        seat.order(clock=0.0)
    await cluster.admin.reset()


async def converge(cluster: Cluster, within_seconds: float) -> bool:
    """Let publishers finish; return whether all then came to rest in time: nothing waits, nothing is overdue."""
    if not await cluster.finish_publishing():
        return False  # the broker takes nothing
    for quiet in (_nothing_waits, _nothing_is_held, _nothing_comes, _nothing_waits):
        if not await _until(quiet, cluster, within_seconds):
            return False
    return True


async def _until(condition: Callable[[Cluster], Awaitable[bool]], cluster: Cluster, within_seconds: float) -> bool:
    clock = asyncio.get_running_loop().time
    deadline_seconds = clock() + within_seconds
    while clock() < deadline_seconds:
        if await condition(cluster):
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False


async def waiting(cluster: Cluster) -> dict[str, int]:
    """Return how many messages are left in each queue."""
    partitions = [partition_queue(number) for number in range(cluster.size.partitions)]
    counts = await count_queues(cluster.amqp_url, [*partitions, INGRESS_QUEUE, *CONSUMERS])
    return {count.queue: count.ready for count in counts}


async def _nothing_waits(cluster: Cluster) -> bool:
    try:
        return not any((await waiting(cluster)).values())
    except BrokerUnavailable:
        return False


async def _nothing_is_held(cluster: Cluster) -> bool:
    """Wait until every reservation and every order has ended; all that the load makes have an end within seconds."""
    query = """
        SELECT (SELECT count(*) FROM reservations WHERE status = 'held')
             + (SELECT count(*) FROM orders WHERE status = 'pending') AS held
    """
    try:
        return not (await cluster.admin.rows(query))[0]["held"]
    except (OSError, asyncpg.PostgresError):
        return False


async def _nothing_comes(cluster: Cluster) -> bool:
    """Wait until no answer has come for a while: what a worker has in hand is in no queue."""
    feed = cluster.folder / f"received-{FEED_QUEUE}.jsonl"
    before = await asyncio.to_thread(feed.stat)
    await asyncio.sleep(QUIET_SECONDS)
    return (await asyncio.to_thread(feed.stat)).st_size == before.st_size
