"""One connection for consuming, from its opening to its loss."""

import asyncio
from typing import Any

from publisher.broker.connection import connect, hang_up
from publisher.broker.sender import Sender
from publisher.broker.tapped_connection import TappedConnection
from worker.broker.assembly import Assembly
from worker.broker.source import QueueSource
from worker.broker.topology import declare_topology
from worker.broker.turns import LANES_AT_WORK_LIMIT, Turn


class BrokerSession:
    """Opens sources until the connection is lost; then a new session must be opened."""

    def __init__(self, connection: TappedConnection, *, partition_count: int, own_user: str) -> None:
        self._connection = connection
        self._partition_count = partition_count
        self._own_user = own_user
        self._turns = asyncio.Semaphore(LANES_AT_WORK_LIMIT)
        self.lost = asyncio.Event()
        """Set once the connection is gone, for whatever reason."""
        connection.close_callbacks.add(self._on_close)

    @classmethod
    async def open(
        cls, url: str, *, name: str, heartbeat_seconds: int, partition_count: int, own_user: str
    ) -> "BrokerSession":
        """Connect and declare the topology. Raises `BrokerUnavailable` and `TopologyMismatch`."""
        connection = await connect(url, name=name, heartbeat_seconds=heartbeat_seconds)
        session = cls(connection, partition_count=partition_count, own_user=own_user)
        try:
            await session.declare()
        except BaseException:
            await session.close()
            raise
        return session

    async def declare(self) -> None:
        """Declare what is missing on the broker. Raises `BrokerUnavailable` and `TopologyMismatch`."""
        await declare_topology(self._connection, self._partition_count)

    async def source(self, queue: str, prefetch_count: int) -> QueueSource:
        """Start consuming `queue`. Raises `BrokerUnavailable`."""
        return await QueueSource.open(
            self._connection, queue, prefetch_count=prefetch_count, own_user=self._own_user, turn=Turn(self._turns)
        )

    async def assembly(self, sender: Sender, worker: str, shop: str) -> Assembly:
        """Enter the assembly of the workers as `Assembly.enter` does."""
        return await Assembly.enter(self._connection, sender, worker, shop)

    async def close(self) -> None:
        """Close the connection; sources of it close with it."""
        await hang_up(self._connection)
        self.lost.set()

    def _on_close(self, _connection: Any, _error: Any) -> None:
        self.lost.set()
