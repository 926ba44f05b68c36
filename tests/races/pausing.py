"""What a lane needs of the world, as twins that end a turn before each thing they do: there another has its turn."""

from collections.abc import Sequence

from tests.races.turns import pause
from tests.twins import DatabaseTwin, OutboxTwin, QueueTwin, StoreTwin
from worker.event_store import AggregateRecord, Batch, CommitOutcome, OrderRecord, ReservationName, ReservationRow, Term
from worker.lane.ports import Bundle, DeadLetter, Delivery, Reply


class PausingSource:
    """A queue at which a lane waits until `expected` messages have come; then it is closed."""

    def __init__(self, queue: QueueTwin, expected: int) -> None:
        self._queue = queue
        self._source = queue.open()
        self._to_come = expected

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        await pause()
        while self._to_come and not self._queue.messages:
            await pause()
        taken = await self._source.take(limit, wait=wait)
        self._to_come -= len(taken)
        return taken

    async def acknowledge(self, delivery: Delivery) -> None:
        await pause()
        await self._source.acknowledge(delivery)

    async def pause(self, delay_seconds: float) -> None:
        await self._source.pause(delay_seconds)


class PausingStore:
    """A database that ends a turn before each statement."""

    def __init__(self, database: DatabaseTwin) -> None:
        self._store = StoreTwin(database)

    async def claim(self, partition: int, owner: str) -> Term:
        await pause()
        return await self._store.claim(partition, owner)

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        await pause()
        return await self._store.load(aggregate_ids)

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        await pause()
        return await self._store.load_reservations(names)

    async def load_orders(self, aggregate_ids: Sequence[str]) -> list[OrderRecord]:
        await pause()
        return await self._store.load_orders(aggregate_ids)

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        await pause()
        return await self._store.commit(term, batch)


class PausingOutbox:
    """A broker that ends a turn before each publish."""

    def __init__(self, outbox: OutboxTwin) -> None:
        self._outbox = outbox

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        await pause()
        await self._outbox.publish(dead_letters, messages)
