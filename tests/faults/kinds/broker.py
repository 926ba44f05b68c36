"""The broker dies, runs short of memory, hangs up, loses a queue."""

import asyncio
import time
from contextlib import suppress

import aio_pika
from aiormq.exceptions import AMQPError

from publisher.errors import BrokerUnavailable
from schemas.names import INGRESS_QUEUE
from schemas.partitions import partition_queue
from tests.faults.cluster.cluster import Cluster
from tests.faults.kinds.kind import Facts, Kind, Need, NotReached, broker, database
from tests.services.errors import ServicesError
from tests.services.services import Server
from worker.broker.queue_counts import count_queues

ALARM_SECONDS = 2.0
NODE_AWAY_SECONDS = 3.0
DELETED_LIMIT_COMMANDS = 100
RESTORED_TIMEOUT_SECONDS = 30.0
RESTORED_POLL_SECONDS = 0.2
KEPT_SECONDS = 2.0
"""A broker that is killed within half a second of declaring a quorum queue comes back with one that takes nothing any
more, 3.10.8 and 4.0.5 alike; one that is killed after three seconds keeps it. No client can mend that."""
IN_HAND_SECONDS = 10.0
"""A forwarder tries again after at most five."""
CONSUMER_TIMEOUT_SECONDS = 5.0
USUAL_CONSUMER_TIMEOUT_SECONDS = 1800.0
CHANNEL_TICK_SECONDS = 1.0
"""How often the broker looks whether a consumer is late."""
USUAL_CHANNEL_TICK_SECONDS = 60.0


async def impatient(cluster: Cluster) -> None:
    """Let the broker give up on consumers after seconds instead of half an hour, also after it was restarted."""
    cluster.is_impatient = True
    await _set_patience(cluster, CONSUMER_TIMEOUT_SECONDS, CHANNEL_TICK_SECONDS)


async def patient(cluster: Cluster) -> None:
    """Let the broker be as patient again as it was: others may work with it after us."""
    cluster.is_impatient = False
    await _set_patience(cluster, USUAL_CONSUMER_TIMEOUT_SECONDS, USUAL_CHANNEL_TICK_SECONDS)


async def _set_patience(cluster: Cluster, consumer_timeout_seconds: float, channel_tick_seconds: float) -> None:
    settings_of_node = (
        f"application:set_env(rabbit, consumer_timeout, {consumer_timeout_seconds * 1000:.0f}), "
        f"application:set_env(rabbit, channel_tick_interval, {channel_tick_seconds * 1000:.0f})."
    )
    await _control(cluster, "eval", settings_of_node)


async def _control(cluster: Cluster, *arguments: str) -> None:
    try:
        await asyncio.to_thread(cluster.control.control_broker, *arguments)
    except ServicesError as error:
        raise NotReached(str(error)) from error


async def _killed(cluster: Cluster, _target: int) -> Facts:
    await asyncio.to_thread(cluster.control.kill_broker)
    return await _started(cluster)


async def _restarted(cluster: Cluster, _target: int) -> Facts:
    await asyncio.to_thread(cluster.control.stop_broker)
    return await _started(cluster)


async def _started(cluster: Cluster) -> Facts:
    await asyncio.to_thread(cluster.control.start_broker)
    if cluster.is_impatient:
        await impatient(cluster)  # it has forgotten
    return {}


async def _memory_alarm(cluster: Cluster, _target: int) -> Facts:
    await _control(cluster, "set_vm_memory_high_watermark", "0.00001")
    await asyncio.sleep(ALARM_SECONDS)
    await _control(cluster, "set_vm_memory_high_watermark", "0.4")
    return {}


async def _hung_up(cluster: Cluster, _target: int) -> Facts:
    await _control(cluster, "close_all_connections", "fault campaign")
    return {}


async def _queue_deleted(cluster: Cluster, target: int) -> Facts:
    partition = target % cluster.size.partitions
    await _require_short(cluster, partition_queue(partition))
    began = time.time()
    try:
        async with await aio_pika.connect(cluster.amqp_url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(partition_queue(partition))
    except (AMQPError, OSError, RuntimeError):
        """Whether the broker has deleted it nobody can say: it counts as if it had."""
    ended = time.time()
    restored = await _restored(cluster, partition_queue(partition))
    await asyncio.sleep(KEPT_SECONDS)
    return {"deleted_partition": partition, "began": began, "ended": ended, "restored": restored}


async def _require_short(cluster: Cluster, queue: str) -> None:
    """Raise `NotReached` where much waits in `queue`: what goes with it, nobody can judge."""
    try:
        (count,) = await count_queues(cluster.amqp_url, [queue])
    except BrokerUnavailable as error:
        raise NotReached(str(error)) from error
    if count.ready > DELETED_LIMIT_COMMANDS:
        raise NotReached(f"{count.ready} commands wait in {queue}")


async def _restored(cluster: Cluster, queue: str) -> float:
    """Return when `queue` is there again, and nothing is left of what took the way through the ingress meanwhile."""
    clock = asyncio.get_running_loop().time
    deadline_seconds = clock() + RESTORED_TIMEOUT_SECONDS
    while clock() < deadline_seconds:
        with suppress(BrokerUnavailable):
            deleted, ingress = await count_queues(cluster.amqp_url, [queue, INGRESS_QUEUE])
            if deleted.exists and not ingress.ready:
                # What the forwarder has in hand is in no queue.
                return time.time() + IN_HAND_SECONDS
        await asyncio.sleep(RESTORED_POLL_SECONDS)
    return time.time() + IN_HAND_SECONDS


async def _consumers_timed_out(cluster: Cluster, _target: int) -> Facts:
    """Let no partition commit for longer than the broker waits for an acknowledgement."""
    async with cluster.admin.connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM partitions FOR UPDATE")
        await asyncio.sleep(CONSUMER_TIMEOUT_SECONDS + 2 * CHANNEL_TICK_SECONDS)
    return {}


def _broker_and_database(cluster: Cluster, target: int) -> tuple[str, ...]:
    return (*broker(cluster, target), *database(cluster, target))


async def _node_killed(cluster: Cluster, target: int) -> Facts:
    """Take one of three nodes away: the other two are a majority, and go on."""
    node = cluster.nodes[target % len(cluster.nodes)]
    await asyncio.to_thread(node.kill)
    return await _node_started(node)


async def _node_restarted(cluster: Cluster, target: int) -> Facts:
    node = cluster.nodes[target % len(cluster.nodes)]
    await asyncio.to_thread(node.stop)
    return await _node_started(node)


async def _node_started(node: Server) -> Facts:
    await asyncio.sleep(NODE_AWAY_SECONDS)
    await asyncio.to_thread(node.start)
    await asyncio.to_thread(node.wait_until_ready)
    return {}


BROKER_KINDS = (
    Kind("broker.killed", _killed, broker, weight=2, needs=Need.ONE_NODE),
    Kind("broker.restarted", _restarted, broker, weight=2, needs=Need.ONE_NODE),
    Kind("broker.node_killed", _node_killed, broker, weight=12, needs=Need.THREE_NODES),
    Kind("broker.node_restarted", _node_restarted, broker, weight=12, needs=Need.THREE_NODES),
    Kind("broker.memory_alarm", _memory_alarm, broker, weight=2),
    Kind("broker.hung_up", _hung_up, broker, weight=3),
    Kind("broker.queue_deleted", _queue_deleted, broker, weight=2),
    Kind("broker.consumers_timed_out", _consumers_timed_out, _broker_and_database, weight=1, needs=Need.ONE_NODE),
)
