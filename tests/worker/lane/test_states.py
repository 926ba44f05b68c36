"""What a lane reads from the database before it decides, and what it still knows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.twins.database import DatabaseTwin
from tests.twins.orders import restock
from tests.twins.store import StoreTwin
from tests.worker.lane.test_order_schedules import placing
from worker.domain import Level, Reservation, ReservationStatus, Stock
from worker.domain.orders import Line, Order, OrderStatus
from worker.event_store import (
    AggregateRecord,
    Batch,
    OrderRecord,
    ReservationName,
    ReservationRow,
    StoredAnswer,
    Term,
)
from worker.lane.decoding import OrderRequest, Request, decode
from worker.lane.orders.known_order import KnownOrder
from worker.lane.planning import Plan
from worker.lane.states import States

R, S, T = ("A", "r"), ("A", "s"), ("B", "r")
HELD = Reservation("main", 5, 5, 0, 0, ReservationStatus.HELD, None)
PENDING = KnownOrder(
    Order(
        version=1,
        command_id=UUID(int=1),
        user="till-3",
        reason=None,
        lines=(Line("A", "main", 1),),
        allow_partial=False,
        deadline=datetime(2026, 1, 31, tzinfo=UTC),
        reply_tos=(None,),
        status=OrderStatus.PENDING,
    ),
    StoredAnswer(UUID(int=1), b"", None),
    None,
)


class NotingStore(StoreTwin):
    """An empty database, which notes what is looked for in it."""

    def __init__(self) -> None:
        super().__init__(DatabaseTwin())
        self.read: list[str | ReservationName] = []

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        self.read += aggregate_ids
        return await super().load(aggregate_ids)

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        self.read += names
        return await super().load_reservations(names)

    async def load_orders(self, aggregate_ids: Sequence[str]) -> list[OrderRecord]:
        self.read += aggregate_ids
        return await super().load_orders(aggregate_ids)


@pytest.fixture
def store() -> NotingStore:
    return NotingStore()


@pytest.fixture
def states(store: NotingStore) -> States:
    return States(store)


async def test_each_sku_is_read_once(states: States, store: NotingStore) -> None:
    await states.stocks(_about("B"))
    assert await states.stocks(_about("C", "B", "A", "C")) == dict.fromkeys("ABC", Stock())
    assert store.read == ["B", "C", "A"]


async def test_what_was_committed_is_known(states: States, store: NotingStore) -> None:
    after = Stock(2, {"main": Level(5)})
    states.adopt(_plan(stocks={"A": after}, reservations={R: HELD}, orders={"order:17": PENDING}))
    stored: dict[UUID, StoredAnswer] = {}
    assert await states.stocks(_about("A")) == {"A": after}
    assert await states.reservations({R}, set()) == {R: HELD}
    assert await states.orders(_placing("17"), stored) == {"order:17": PENDING}
    assert stored == {UUID(int=1): PENDING.placing}
    assert store.read == []


async def test_what_is_taken_for_new_is_not_looked_for(states: States, store: NotingStore) -> None:
    states.adopt(_plan(reservations={R: HELD}))
    assert await states.reservations({R, S, T}, {R, S}) == {R: HELD}
    assert store.read == [T]


@pytest.mark.parametrize("status", [status for status in ReservationStatus if status is not ReservationStatus.HELD])
async def test_a_reservation_that_holds_nothing_any_more_is_not_kept(
    states: States, store: NotingStore, status: ReservationStatus
) -> None:
    states.adopt(_plan(reservations={R: HELD, S: HELD}))
    states.adopt(_plan(reservations={R: HELD._replace(held=0, status=status)}))
    assert await states.reservations({R, S}, set()) == {S: HELD}
    assert store.read == [R]


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not OrderStatus.PENDING])
async def test_an_order_that_is_decided_is_not_kept(states: States, store: NotingStore, status: OrderStatus) -> None:
    states.adopt(_plan(orders={"order:17": PENDING}))
    decided = PENDING._replace(order=PENDING.order._replace(status=status))
    states.adopt(_plan(orders={"order:17": decided}))
    assert await states.orders(_placing("17"), {}) == {}
    assert store.read == ["order:17"]


async def test_a_sku_is_forgotten_with_its_reservations_and_no_other(states: States, store: NotingStore) -> None:
    states.adopt(_plan(stocks={"A": Stock(1), "B": Stock(1)}, reservations={R: HELD, S: HELD, T: HELD}))
    states.forget(_about("A"))
    assert await states.stocks(_about("A", "B")) == {"A": Stock(), "B": Stock(1)}
    assert await states.reservations({R, S, T}, set()) == {T: HELD}
    assert store.read == ["A", R, S]


async def test_an_order_is_forgotten_and_no_other(states: States, store: NotingStore) -> None:
    states.adopt(_plan(orders={"order:17": PENDING, "order:18": PENDING}))
    states.forget(_placing("17"))
    assert await states.orders(_placing("17", "18"), {}) == {"order:18": PENDING}
    assert store.read == ["order:17"]


def _about(*skus: str) -> list[Request]:
    decoded = [decode(restock(number, 1, sku=sku), 0, 1) for number, sku in enumerate(skus, 1)]
    return [request for request in decoded if isinstance(request, Request)]


def _placing(*order_ids: str) -> list[OrderRequest]:
    decoded = [decode(placing(number, order_id, ("A", 1)), 0, 1) for number, order_id in enumerate(order_ids, 1)]
    return [request for request in decoded if isinstance(request, OrderRequest)]


def _plan(
    stocks: dict[str, Stock] | None = None,
    reservations: dict[ReservationName, Reservation] | None = None,
    orders: dict[str, KnownOrder] | None = None,
) -> Plan:
    batch = Batch(datetime(2026, 1, 31))  # noqa: DTZ001 - naive UTC, as it is stored
    return Plan(batch, [], stocks or {}, reservations or {}, orders or {}, Term(0, 1, 0))
