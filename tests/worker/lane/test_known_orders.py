from datetime import UTC, datetime
from uuid import UUID

import pytest

from worker.domain.orders import Line, Order, OrderStatus
from worker.event_store import StoredAnswer
from worker.lane.orders.known_orders import KnownOrder, KnownOrders


def _known(line_count: int = 1, status: OrderStatus = OrderStatus.PENDING, version: int = 1) -> KnownOrder:
    order = Order(
        version=version,
        command_id=UUID(int=1),
        user="till-3",
        reason=None,
        lines=(Line("A", "main", 1),) * line_count,
        allow_partial=False,
        deadline=datetime(2026, 1, 31, tzinfo=UTC),
        reply_tos=(None,),
        status=status,
    )
    return KnownOrder(order, StoredAnswer(UUID(int=1), b"", None), None)


def test_what_is_not_there_is_missing() -> None:
    orders = KnownOrders(10)
    orders.put({"order:b": _known()})
    assert orders.missing(["order:a", "order:b"]) == ["order:a"]
    assert list(orders.of(["order:a", "order:b"])) == ["order:b"]


def test_those_not_used_for_longest_go_when_the_lines_are_too_many() -> None:
    orders = KnownOrders(10)
    orders.put({"order:a": _known(4), "order:b": _known(4)})
    assert orders.missing(["order:a"]) == []  # which uses it
    orders.put({"order:c": _known(4)})
    assert orders.missing(["order:a", "order:b", "order:c"]) == ["order:b"]


def test_a_newer_state_replaces_an_older_one_and_counts_once() -> None:
    orders = KnownOrders(10)
    for version in range(1, 20):
        orders.put({"order:a": _known(5, version=version), "order:b": _known(5)})
    assert orders.of(["order:a", "order:b"])["order:a"].order.version == 19
    assert orders.missing(["order:b"]) == []


def test_one_that_is_larger_than_the_limit_is_not_kept() -> None:
    orders = KnownOrders(10)
    orders.put({"order:a": _known(11)})
    assert orders.missing(["order:a"]) == ["order:a"]


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not OrderStatus.PENDING])
def test_a_decided_order_is_not_kept(status: OrderStatus) -> None:
    orders = KnownOrders(10)
    orders.put({"order:a": _known()})
    orders.put({"order:a": _known(status=status)})
    assert orders.missing(["order:a"]) == ["order:a"]


def test_what_is_forgotten_leaves_its_room_to_others() -> None:
    orders = KnownOrders(10)
    orders.put({"order:a": _known(5), "order:b": _known(5)})
    orders.forget(["order:a", "order:never-there"])
    orders.put({"order:c": _known(5)})
    assert orders.missing(["order:a", "order:b", "order:c"]) == ["order:a"]
