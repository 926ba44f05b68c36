"""A lane's store before whose first commit something happens."""

from collections.abc import Awaitable, Callable, Sequence

from worker.event_store import (
    AggregateRecord,
    Batch,
    CommitOutcome,
    OrderRecord,
    PartitionStore,
    ReservationName,
    ReservationRow,
    Term,
)


class InterruptedStore:
    """Lets another do its work between the lane's decision and the lane's commit."""

    def __init__(self, store: PartitionStore, interrupt: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._interrupt = interrupt

    async def claim(self, partition: int, owner: str) -> Term:
        return await self._store.claim(partition, owner)

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        return await self._store.load(aggregate_ids)

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        return await self._store.load_reservations(names)

    async def load_orders(self, aggregate_ids: Sequence[str]) -> list[OrderRecord]:
        return await self._store.load_orders(aggregate_ids)

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        await self._interrupt()
        return await self._store.commit(term, batch)
