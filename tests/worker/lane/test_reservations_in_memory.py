"""When a lane reads reservations: what it made itself it knows, and what an order is about to make it takes for new."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.twins.environment import START
from tests.twins.orders import order, purchase, restock
from tests.twins.shop import Shop
from tests.twins.store import StoreTwin
from tests.worker.lane.test_order_schedules import placing
from worker.event_store import EventRow, ReservationName, ReservationRow, StoreUnavailable
from worker.lane.ports import BundleKind, Delivery

HOLD = ("A", "order:17#1")


class NotingStore(StoreTwin):
    """Notes what is read."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.database, shop.faults)
        self.read: list[ReservationName] = []

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        self.read += names
        return await super().load_reservations(names)


async def _run(shop: Shop, *messages: Delivery) -> list[ReservationName]:
    """Let a new lane settle the messages one after the other; return which reservations it read."""
    waiting = list(messages)

    def send(point: str) -> None:
        if point == "take" and waiting and not shop.queue.messages:
            shop.send([waiting.pop(0)])

    shop.faults.everywhere(send)
    store = NotingStore(shop)
    await shop.run_lane(store=store)
    assert not waiting
    return store.read


def _about(number: int, kind: str, quantity: int | None = None, **more: Any) -> Delivery:
    return order(number, kind, quantity, reservation_id="r", **more)


def _strangers_hold(number: int, quantity: int) -> Delivery:
    """Return a hold under an order's id that the order has not asked for: an earlier version took it from anybody."""
    later = (START + timedelta(hours=1)).isoformat()
    asked = order(number, "reserve_line", quantity, reservation_id=HOLD[1], order_id="17", not_after=later)
    return asked._replace(bundle=BundleKind.ASKED, reply_to=None)


def _ending(shop: Shop, number: int) -> str:
    endings = {
        answer["reason"] or answer["outcome"]
        for answer in shop.answers
        if answer["command_id"] == str(UUID(int=number))
    }
    (ending,) = endings
    return str(ending)


def _line_endings(shop: Shop) -> list[str]:
    return [
        answer["reason"] or answer["outcome"]
        for answer in shop.answers
        if answer["type"] == "reserve_line" and answer["command_id"] != str(UUID(int=50))
    ]


async def test_an_order_reads_no_reservation() -> None:
    shop = Shop()
    assert await _run(shop, restock(1, 9), restock(2, 9, sku="B"), placing(3, "17", ("A", 3), ("B", 1))) == []
    assert (_ending(shop, 3), shop.on_hand("A"), shop.on_hand("B")) == ("applied", 6, 8)
    assert {row.status for row in shop.database.reservations.values()} == {"fulfilled"}
    assert shop.observer.conflicts == []


async def test_what_a_publisher_reserves_is_read_before_it_is_made_and_never_again_while_it_holds_units() -> None:
    shop = Shop()
    read = await _run(
        shop,
        restock(1, 9),
        _about(2, "reserve", 6),
        _about(3, "fulfil", 2),
        _about(4, "extend", expires_in=60),
        _about(5, "reserve", 1),
        _about(6, "release"),
    )
    assert read == [("A", "r")]
    assert [_ending(shop, number) for number in range(2, 7)] == [
        "applied",
        "applied",
        "applied",
        "reservation_exists",
        "applied",
    ]
    row = shop.database.reservations["A", "r"]
    assert (row.held, row.fulfilled, row.released, row.status) == (0, 2, 4, "released")


async def test_a_closed_reservation_is_read_each_time_and_causes_no_conflict() -> None:
    shop = Shop()
    await _run(shop, restock(1, 9), _about(2, "reserve", 6), _about(3, "release"))
    again = [_about(number, "reserve", 1) for number in range(4, 8)]
    assert await _run(shop, *again) == [("A", "r")] * 4
    assert {_ending(shop, number) for number in range(4, 8)} == {"reservation_exists"}
    assert shop.observer.conflicts == []


async def test_another_lane_reads_what_it_has_not_made() -> None:
    shop = Shop()
    await _run(shop, restock(1, 9), _about(2, "reserve", 6))
    assert await _run(shop, _about(3, "fulfil")) == [("A", "r")]
    assert (_ending(shop, 3), shop.on_hand()) == ("applied", 3)


async def test_a_term_that_is_in_doubt_knows_nothing_any_more() -> None:
    shop = Shop([restock(1, 9), _about(2, "reserve", 6)])
    shop.faults.plan("commit", lambda _point: None, StoreUnavailable("away"))
    assert await _run(shop, _about(3, "fulfil")) == [("A", "r")] * 2
    assert (_ending(shop, 3), shop.on_hand()) == ("applied", 3)


async def test_a_sku_to_which_somebody_appended_is_read_anew_with_its_reservations() -> None:
    shop = Shop([restock(1, 9), _about(2, "reserve", 6)])

    def append(_point: str) -> None:
        data = json.dumps({"item_id": "main", "quantity": 1})
        shop.database.events["A", 3] = EventRow("A", 3, UUID(int=99), "StockAdded", data, None)

    shop.faults.plan("commit", lambda _point: None, append)
    assert await _run(shop, _about(3, "fulfil")) == [("A", "r")] * 2
    assert (shop.observer.conflicts, _ending(shop, 3), shop.on_hand()) == (["version"], "applied", 4)


async def test_a_hold_that_somebody_has_made_under_an_orders_id_is_found_by_the_commit() -> None:
    shop = Shop()
    await _run(shop, restock(1, 9), _strangers_hold(50, 2))
    assert await _run(shop, placing(3, "17", ("A", 3), ("Z", 1))) == [HOLD]
    assert shop.observer.conflicts == ["version"]
    assert (shop.observer.isolations, shop.observer.failures, shop.outbox.dead_letters) == ([], [], [])
    assert (_line_endings(shop), _ending(shop, 3)) == (["reservation_exists"], "reservation_exists")
    assert shop.database.levels["A", "main"].reserved == 2, "what the stranger holds, whose id nobody else has"


@pytest.mark.parametrize("left", [0, 1])
async def test_where_units_are_lacking_it_is_looked_up_and_refused_for_the_same_reason(left: int) -> None:
    shop = Shop()
    await _run(shop, restock(1, 9), _strangers_hold(50, 2), purchase(2, 7 - left))
    assert await _run(shop, placing(3, "17", ("A", 3), ("Z", 1))) == [HOLD]
    assert (_line_endings(shop), shop.observer.conflicts) == (["reservation_exists"], [])


@pytest.mark.parametrize(("strangers", "ending"), [(0, "insufficient_stock"), (2, "reservation_exists")])
async def test_what_was_taken_for_new_and_refused_is_looked_up_after_all(strangers: int, ending: str) -> None:
    shop = Shop()
    await _run(shop, restock(1, 9), *[_strangers_hold(50, strangers)] * bool(strangers))
    shop.faults.plan("send", lambda _point: shop.send([purchase(2, 6)]))  # before the line, in the same batch
    assert await _run(shop, placing(3, "17", ("A", 4), ("Z", 1))) == [HOLD]
    assert (_line_endings(shop), shop.observer.conflicts, shop.observer.commits[-2:]) == ([ending], [], [2, 1])


async def test_such_a_hold_harms_no_neighbour() -> None:
    shop = Shop()
    await _run(shop, restock(1, 9), restock(9, 9, sku="Z"), _strangers_hold(50, 2))
    shop.send([placing(number, str(14 + number), ("A", 1), ("Z", 1)) for number in range(2, 6)])
    await _run(shop)
    assert shop.observer.conflicts == ["version"]
    assert (shop.observer.isolations, shop.observer.failures) == ([], [])
    assert [_ending(shop, number) for number in range(2, 6)] == ["applied", "reservation_exists", "applied", "applied"]
    assert (shop.on_hand("A"), shop.on_hand("Z")) == (6, 6)


async def test_a_hold_that_the_lane_remembers_is_no_conflict() -> None:
    shop = Shop()
    read = await _run(shop, restock(1, 9), _strangers_hold(50, 2), placing(3, "17", ("A", 3), ("Z", 1)))
    assert (read, shop.observer.conflicts, _line_endings(shop)) == ([], [], ["reservation_exists"])
