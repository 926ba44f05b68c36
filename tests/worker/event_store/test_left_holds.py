"""What is held for orders that are decided, as the real store finds it."""

from collections.abc import AsyncIterator
from datetime import UTC, timedelta

import pytest

from tests.worker.event_store.batches import TIMESTAMP
from tests.worker.event_store.shelves import PostgresShelf, postgres_shelf

STALLED = TIMESTAMP.replace(tzinfo=UTC)
LIMIT = 10


class Holds:
    """Orders, and what is held for them."""

    def __init__(self, shelf: PostgresShelf) -> None:
        self._connection = shelf.connection
        self._store = shelf.opener()

    async def order(self, name: str, status: str, *, moved_before_seconds: int = 0) -> None:
        """Add an order, decided so long before the moment for which is looked."""
        await self._connection.execute(
            "INSERT INTO orders VALUES ($1, 0, gen_random_uuid(), $2, $3, '{}', '{}', 3, $3)",
            name,
            status,
            TIMESTAMP - timedelta(seconds=moved_before_seconds),
        )

    async def hold(self, reservation_id: str, sku: str = "A", *, partition: int = 0, status: str = "held") -> None:
        """Add a reservation of 5 units."""
        held = 5 if status == "held" else 0
        await self._connection.execute(
            "INSERT INTO reservations VALUES ($1, $2, 'main', $3, 5, $4, 0, $5, $6, NULL, 1)",
            sku,
            reservation_id,
            partition,
            held,
            5 - held,
            status,
        )

    async def park(self, sku: str) -> None:
        """Let the commands of a SKU wait behind a dead letter."""
        await self._connection.execute(
            "INSERT INTO holds (aggregate_id, partition, parked, next_place, since, operator) "
            "VALUES ($1, 0, 0, 1, $2, 'me')",
            sku,
            TIMESTAMP,
        )

    async def found(self, *partitions: int, limit: int = LIMIT) -> list[tuple[str, str]]:
        """Return what is found, each with its order."""
        holds = await self._store.left_holds(partitions or (0, 1), STALLED, limit)
        return sorted((hold.reservation_id, hold.order.aggregate_id) for hold in holds)


@pytest.fixture
async def holds(migrated_database_url: str) -> AsyncIterator[Holds]:
    async with postgres_shelf(migrated_database_url) as shelf:
        yield Holds(shelf)


@pytest.mark.parametrize(
    ("status", "moved_before_seconds", "is_found"),
    [
        ("pending", 0, False),
        ("pending", -1, False),
        ("sold", 0, True),
        ("sold", -1, False),
        ("refused", 0, True),
        ("refused", -1, False),
        ("cancelled", -1, True),
        ("expired", -1, True),
    ],
)
async def test_what_was_ended_is_found_at_once_and_what_was_decided_after_a_while(
    holds: Holds, status: str, moved_before_seconds: int, *, is_found: bool
) -> None:
    await holds.order("order:1", status, moved_before_seconds=moved_before_seconds)
    await holds.hold("order:1#1")
    assert await holds.found() == [("order:1#1", "order:1")] * is_found


async def test_every_line_is_found_among_those_of_orders_that_are_pending(holds: Holds) -> None:
    for number in range(20):
        await holds.order(f"order:{number}", "pending")
        await holds.hold(f"order:{number}#1")
    await holds.order("order:ended", "cancelled")
    for line in (1, 2, 12):
        await holds.hold(f"order:ended#{line}", f"SKU-{line}", partition=line % 2)
    await holds.hold("order:ended#3", status="released")
    assert await holds.found() == [(f"order:ended#{line}", "order:ended") for line in (1, 12, 2)]
    assert await holds.found(1) == [("order:ended#1", "order:ended")]
    assert await holds.found(3) == []
    assert len(await holds.found(limit=2)) == 2


@pytest.mark.parametrize("name", ["order:17", "order:#", "order:1#2", "order:a##", "order:9#1#", "order:ü 9"])
async def test_an_order_is_known_by_whatever_name_it_has(holds: Holds, name: str) -> None:
    await holds.order(name, "expired")
    await holds.order(f"{name}#1", "pending")
    await holds.hold(f"{name}#1")
    await holds.hold(f"{name}#1#1", "B")
    assert await holds.found() == [(f"{name}#1", name)]


@pytest.mark.parametrize(
    "reservation_id", ["order:1", "order:1x", "order:1#", "order:1#x", "order:1##1", "order:unknown#1"]
)
async def test_what_names_no_line_of_an_order_is_left_alone(holds: Holds, reservation_id: str) -> None:
    await holds.order("order:1", "expired")
    await holds.hold(reservation_id)
    assert await holds.found() == []


async def test_what_a_publisher_has_reserved_is_left_alone(holds: Holds) -> None:
    await holds.order("order:1", "expired")
    await holds.hold("1#1")
    assert await holds.found() == []


async def test_what_waits_behind_a_dead_letter_is_left_alone(holds: Holds) -> None:
    await holds.order("order:1", "expired")
    await holds.hold("order:1#1", "A")
    await holds.hold("order:1#2", "B")
    await holds.park("A")
    assert await holds.found() == [("order:1#2", "order:1")]
