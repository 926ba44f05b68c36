"""The sale of its last line decides an order; whoever decides it otherwise keeps that from happening; over twins."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from schemas.commands import encode_command
from schemas.order_commands import ExpireOrder
from tests.twins.environment import START
from tests.twins.orders import message, restock
from tests.twins.shop import Shop
from tests.worker.lane.held_shop import ask, states
from tests.worker.lane.misfortunes import Killed
from worker.domain.orders import Step
from worker.event_store import OrderRecord
from worker.expiry.order_errands import errands_of
from worker.lane.orders.errands import line_command_id
from worker.lane.ports import BundleKind, Delivery
from worker.ledger import Action

ORDER = "order:17"
SALE = line_command_id(ORDER, 2, Step.SELL)
LIFETIME_SECONDS = 30


def _about(number: int, kind: str, **more: Any) -> Delivery:
    fields = {"type": kind, "command_id": str(UUID(int=number)), "order_id": "17", "user": "till"}
    return message(json.dumps(fields | more).encode(), correlation_id=str(UUID(int=number)))


def _shop(units: int = 3, **more: Any) -> Shop:
    """Return a shop with 3 units of A, `units` of B, and an order of 2 and 2."""
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 2}]
    placing = _about(9, "place_order", lines=lines, expires_in=LIFETIME_SECONDS, **more)
    return Shop([restock(1, 3), restock(2, units, sku="B"), placing])


def _answers(shop: Shop, command_id: str) -> list[dict[str, Any]]:
    """Return the answers to a command, each once."""
    bodies = dict.fromkeys(reply.body for reply in shop.outbox.replies if reply.correlation_id == command_id)
    return [json.loads(body) for body in bodies]


def _judge(shop: Shop, *, sold: bool) -> None:
    """Check that all was sold, or nothing, and that every answer says so, once."""
    assert [(shop.on_hand(sku), shop.database.levels[sku, "main"].reserved) for sku in "AB"] == [
        (1 if sold else 3, 0)
    ] * 2
    (order,) = _answers(shop, str(UUID(int=9)))
    assert order["outcome"] == ("applied" if sold else "rejected")
    (sale,) = _answers(shop, SALE)
    assert (sale["outcome"], sale["reason"]) == (("applied", None) if sold else ("rejected", "order_completed"))
    sequences = sorted(sequence for _, sequence, _ in shop.database.commands.values())
    assert sequences == list(range(1, shop.database.partitions[0].sequence + 1))


def _cancelling(_shop: Shop) -> Delivery:
    return _about(8, "cancel_order")


def _expiring(shop: Shop) -> Delivery:
    """Return what the clock sends when the order's time is up."""
    row = shop.database.orders[ORDER]
    due = datetime(2030, 1, 1, tzinfo=UTC)
    (command,) = errands_of(OrderRecord(ORDER, row.version, row.status, row.placed, row.progress), due)
    assert isinstance(command, ExpireOrder)
    return message(encode_command(command), correlation_id=str(command.command_id))


@pytest.mark.parametrize("ending", [_cancelling, _expiring])
async def test_an_order_that_is_ended_at_any_point_is_sold_or_not(ending: Callable[[Shop], Delivery]) -> None:
    outcomes: list[str] = []
    while (outcome := await _ended_after(len(outcomes), ending)) is not None:
        outcomes.append(outcome)
    assert set(outcomes) == {"applied", "rejected"}
    assert len(outcomes) > 20


async def _ended_after(points: int, ending: Callable[[Shop], Delivery]) -> str | None:
    """Return how ending an order went, so many points of its way after it was placed; None where it was over."""
    shop, steps, sent = _shop(), count(), list[Delivery]()

    def end(_point: str) -> None:
        if ORDER in shop.database.orders and not sent and next(steps) == points:
            sent.append(ending(shop))
            shop.queue.messages.appendleft(sent[0])

    shop.faults.everywhere(end)
    await shop.run_to_the_end()
    if not sent:
        return None
    (ended,) = _answers(shop, sent[0].correlation_id or "")
    assert ended["reason"] in {None, "order_completed"}
    _judge(shop, sold=ended["outcome"] == "rejected")
    return str(ended["outcome"])


async def test_who_ends_it_after_the_sale_and_before_it_has_heard_is_told_that_it_is_sold() -> None:
    shop = _shop()
    _before(shop, BundleKind.TOLD, _cancelling(shop))
    await shop.run_to_the_end()
    (cancelled,) = _answers(shop, str(UUID(int=8)))
    assert (cancelled["reason"], cancelled["message"]) == ("order_completed", "the order is sold")
    assert cancelled["version"] == 1, "it had not heard of that yet"
    _judge(shop, sold=True)


async def test_what_was_forestalled_is_answered_by_it_when_it_comes() -> None:
    shop = _shop()
    _before(shop, BundleKind.ASKED, _cancelling(shop), bundle_number=2)
    await shop.run_to_the_end()
    (cancelled,) = _answers(shop, str(UUID(int=8)))
    assert cancelled["outcome"] == "applied"
    _judge(shop, sold=False)
    (sale,) = _answers(shop, SALE)
    assert (sale["order_id"], sale["sku"], sale["message"]) == ("17", None, "the order is cancelled")
    told = [json.loads(bundle.body)["answers"] for bundle in shop.outbox.bundles if bundle.kind is BundleKind.TOLD]
    assert [[(held, reason) for held, reason, *_ in answers] for answers in told] == [
        [(2, None), (0, "order_completed")]
    ]


@pytest.mark.parametrize("point", ["committed", "publish", "published", "acknowledge"])
async def test_what_forestalls_is_sent_again_where_its_worker_dies(point: str) -> None:
    shop = _shop()
    _before(shop, BundleKind.ASKED, _cancelling(shop), bundle_number=2)

    def die(_point: str) -> None:
        if UUID(SALE) in shop.database.commands:
            raise Killed
        shop.faults.plan(point, die)

    shop.faults.plan(point, die)
    with pytest.raises(Killed):
        await shop.run_to_the_end()
    await shop.run_to_the_end()
    _judge(shop, sold=False)


async def test_a_sale_that_failed_is_not_made_up_for_once_its_order_is_refused() -> None:
    shop = _shop()
    shop.database.refused_commands.add(UUID(SALE))
    await shop.run_to_the_end()
    (order,) = _answers(shop, str(UUID(int=9)))
    assert (order["outcome"], order["reason"], states(shop)) == ("rejected", "failed", ["held"])
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY)
    assert states(shop) == ["replayed"]
    assert [shop.on_hand(sku) for sku in "AB"] == [3, 3]
    assert [each["reason"] for each in _answers(shop, SALE)] == ["failed", "order_completed"]


async def test_nor_where_its_order_was_sold_without_it() -> None:
    shop = _shop(allow_partial=True)
    shop.database.refused_commands.add(UUID(SALE))
    await shop.run_to_the_end()
    (order,) = _answers(shop, str(UUID(int=9)))
    assert [(line["sold"], line["reason"]) for line in order["lines"]] == [(2, None), (0, "failed")]
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY)
    assert [shop.on_hand(sku) for sku in "AB"] == [1, 3]


async def test_a_line_that_failed_and_is_replayed_sells_nothing_for_an_order_that_is_refused() -> None:
    shop = _shop()
    reserving = UUID(line_command_id(ORDER, 1, Step.RESERVE))
    shop.database.refused_commands.add(reserving)
    await shop.run_to_the_end()
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY)
    _judge(shop, sold=False)


async def test_a_refusal_by_a_rule_forestalls_nothing() -> None:
    shop = _shop(units=1)
    await shop.run_to_the_end()
    (sale,) = _answers(shop, SALE)
    assert (sale["reason"], sale["sku"]) == ("insufficient_stock", "B")
    assert len(shop.database.commands) == 6, "two restocks, the order, a reservation and its release; and the sale"


async def test_a_sale_that_comes_home_late_was_made_in_time() -> None:
    shop = _shop()
    late = timedelta(seconds=LIFETIME_SECONDS)

    def pass_time(_point: str) -> None:
        if any(bundle.kind is BundleKind.TOLD for bundle in shop.outbox.bundles):
            shop.faults.everywhere(None)
            shop.environment.pass_time(late)

    shop.faults.everywhere(pass_time)
    await shop.run_to_the_end()
    _judge(shop, sold=True)
    (order,) = _answers(shop, str(UUID(int=9)))
    assert datetime.fromisoformat(order["committed_at"]) >= START + late


async def test_nothing_is_sold_at_the_deadline_or_later() -> None:
    shop = _shop()

    def pass_time(_point: str) -> None:
        if any(b'"sell_line"' in bundle.body for bundle in shop.outbox.bundles):
            shop.faults.everywhere(None)
            shop.environment.pass_time(timedelta(seconds=LIFETIME_SECONDS))

    shop.faults.everywhere(pass_time)
    await shop.run_to_the_end()
    (sale,) = _answers(shop, SALE)
    assert sale["reason"] == "order_expired"
    (order,) = _answers(shop, str(UUID(int=9)))
    assert order["reason"] == "order_expired"
    assert [shop.on_hand(sku) for sku in "AB"] == [3, 3]


def _before(shop: Shop, kind: BundleKind, delivery: Delivery, bundle_number: int = 1) -> None:
    """Let `delivery` arrive before the bundle of this kind and number."""
    seen: list[bytes] = []

    def overtake(_point: str) -> None:
        for position, waiting in enumerate(shop.queue.messages):
            if waiting.bundle is kind and waiting.body not in seen:
                seen.append(waiting.body)
                if len(seen) == bundle_number:
                    shop.queue.messages.insert(position, delivery)
                return

    shop.faults.everywhere(overtake)
