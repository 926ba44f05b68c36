"""Ports that pass everything on."""

from collections.abc import Sequence
from datetime import datetime

from worker.event_store import AggregateRecord, Batch, CommitOutcome, OrderRecord, ReservationName, ReservationRow, Term
from worker.lane.ports import Bundle, DeadLetter, Delivery, Ledger, Outbox, Reply, Source, Store
from worker.ledger import FilingOutcome, Hold, Letter, OpenLetter, Verdict


class PassingSource:
    """Deliveries as they come."""

    def __init__(self, source: Source) -> None:
        self._source = source

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        return await self._source.take(limit, wait=wait)

    async def acknowledge(self, delivery: Delivery) -> None:
        await self._source.acknowledge(delivery)

    async def pause(self, delay_seconds: float) -> None:
        await self._source.pause(delay_seconds)


class PassingStore:
    """Commits as they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, partition: int, owner: str) -> Term:
        return await self._store.claim(partition, owner)

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        return await self._store.load(aggregate_ids)

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        return await self._store.load_reservations(names)

    async def load_orders(self, aggregate_ids: Sequence[str]) -> list[OrderRecord]:
        return await self._store.load_orders(aggregate_ids)

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        return await self._store.commit(term, batch)


class PassingLedger:
    """Letters as they are filed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def holds(self, partition: int) -> list[Hold]:
        return await self._ledger.holds(partition)

    async def file(self, term: Term, letters: Sequence[Letter], now: datetime) -> FilingOutcome:
        return await self._ledger.file(term, letters, now)

    async def open_letters(self, partition: int, limit: int) -> list[OpenLetter]:
        return await self._ledger.open_letters(partition, limit)

    async def settle(
        self, term: Term, verdicts: Sequence[Verdict], holds: Sequence[Hold], ended: Sequence[str], now: datetime
    ) -> None:
        await self._ledger.settle(term, verdicts, holds, ended, now)

    async def earlier_attempts(self, partition: int, digests: Sequence[bytes]) -> dict[bytes, int]:
        return await self._ledger.earlier_attempts(partition, digests)

    async def note_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        await self._ledger.note_attempts(partition, digests, now)

    async def forget_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        await self._ledger.forget_attempts(partition, digests, now)


class PassingOutbox:
    """Answers as they are."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        await self._outbox.publish(dead_letters, messages)
