"""The sale of its last line decides an order; whoever decides it otherwise keeps that from happening; over twins."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from tests.twins.environment import START
from tests.twins.shop import Shop
from tests.worker.lane.held_shop import ask, states
from tests.worker.lane.misfortunes import Killed
from tests.worker.lane.ordering_shop import (
    LIFETIME_SECONDS,
    ORDER,
    SALE,
    about,
    answers_to,
    expiring,
    judge,
    ordering_shop,
    pass_by,
)
from worker.domain.orders import Step
from worker.lane.orders.errands import line_command_id
from worker.lane.ports import BundleKind, Delivery
from worker.ledger import Action


def _cancelling(_shop: Shop) -> Delivery:
    return about(8, "cancel_order")


@pytest.mark.parametrize("ending", [_cancelling, expiring])
async def test_an_order_that_is_ended_at_any_point_is_sold_or_not(ending: Callable[[Shop], Delivery]) -> None:
    outcomes: list[str] = []
    while (outcome := await _ended_after(len(outcomes), ending)) is not None:
        outcomes.append(outcome)
    assert set(outcomes) == {"applied", "rejected"}
    assert len(outcomes) > 20


async def _ended_after(points: int, ending: Callable[[Shop], Delivery]) -> str | None:
    """Return how ending an order went, so many points of its way after it was placed; None where it was over."""
    shop, steps, sent = ordering_shop(), count(), list[Delivery]()

    def end(_point: str) -> None:
        if ORDER in shop.database.orders and not sent and next(steps) == points:
            sent.append(ending(shop))
            shop.queue.messages.appendleft(sent[0])

    shop.faults.everywhere(end)
    await shop.run_to_the_end()
    if not sent:
        return None
    (ended,) = answers_to(shop, sent[0].correlation_id or "")
    assert ended["reason"] in {None, "order_completed"}
    judge(shop, sold=ended["outcome"] == "rejected")
    return str(ended["outcome"])


async def test_who_ends_it_after_the_sale_and_before_it_has_heard_is_told_that_it_is_sold() -> None:
    shop = ordering_shop()
    pass_by(shop, BundleKind.TOLD, _cancelling(shop))
    await shop.run_to_the_end()
    (cancelled,) = answers_to(shop, str(UUID(int=8)))
    assert (cancelled["reason"], cancelled["message"]) == ("order_completed", "the order is sold")
    assert cancelled["version"] == 1, "it had not heard of that yet"
    judge(shop, sold=True)


async def test_what_was_forestalled_is_answered_by_it_when_it_comes() -> None:
    shop = ordering_shop()
    pass_by(shop, BundleKind.ASKED, _cancelling(shop), bundle_number=2)
    await shop.run_to_the_end()
    (cancelled,) = answers_to(shop, str(UUID(int=8)))
    assert cancelled["outcome"] == "applied"
    judge(shop, sold=False)
    (sale,) = answers_to(shop, SALE)
    assert (sale["order_id"], sale["sku"], sale["message"]) == ("17", None, "the order is cancelled")
    told = [json.loads(bundle.body)["answers"] for bundle in shop.outbox.bundles if bundle.kind is BundleKind.TOLD]
    assert [[(held, reason) for held, reason, *_ in answers] for answers in told] == [
        [(2, None), (0, "order_completed")]
    ]


@pytest.mark.parametrize("point", ["committed", "publish", "published", "acknowledge"])
async def test_what_forestalls_is_sent_again_where_its_worker_dies(point: str) -> None:
    shop = ordering_shop()
    pass_by(shop, BundleKind.ASKED, _cancelling(shop), bundle_number=2)

    def die(_point: str) -> None:
        if UUID(SALE) in shop.database.commands:
            raise Killed
        shop.faults.plan(point, die)

    shop.faults.plan(point, die)
    with pytest.raises(Killed):
        await shop.run_to_the_end()
    await shop.run_to_the_end()
    judge(shop, sold=False)


async def test_a_sale_that_failed_is_not_made_up_for_once_its_order_is_refused() -> None:
    shop = ordering_shop()
    shop.database.refused_commands.add(UUID(SALE))
    await shop.run_to_the_end()
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert (order["outcome"], order["reason"], states(shop)) == ("rejected", "failed", ["held"])
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY)
    assert states(shop) == ["replayed"]
    assert [shop.on_hand(sku) for sku in "AB"] == [3, 3]
    assert [each["reason"] for each in answers_to(shop, SALE)] == ["failed", "order_completed"]


async def test_nor_where_its_order_was_sold_without_it() -> None:
    shop = ordering_shop(allow_partial=True)
    shop.database.refused_commands.add(UUID(SALE))
    await shop.run_to_the_end()
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert [(line["sold"], line["reason"]) for line in order["lines"]] == [(2, None), (0, "failed")]
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY)
    assert [shop.on_hand(sku) for sku in "AB"] == [1, 3]


async def test_a_line_that_failed_and_is_replayed_sells_nothing_for_an_order_that_is_refused() -> None:
    shop = ordering_shop()
    reserving = UUID(line_command_id(ORDER, 1, Step.RESERVE))
    shop.database.refused_commands.add(reserving)
    await shop.run_to_the_end()
    shop.database.refused_commands.clear()
    await ask(shop, Action.REPLAY)
    judge(shop, sold=False)


async def test_a_refusal_by_a_rule_forestalls_nothing() -> None:
    shop = ordering_shop(units=1)
    await shop.run_to_the_end()
    (sale,) = answers_to(shop, SALE)
    assert (sale["reason"], sale["sku"]) == ("insufficient_stock", "B")
    assert len(shop.database.commands) == 6, "two restocks, the order, a reservation and its release; and the sale"


async def test_a_sale_that_comes_home_late_was_made_in_time() -> None:
    shop = ordering_shop()
    late = timedelta(seconds=LIFETIME_SECONDS)

    def pass_time(_point: str) -> None:
        if any(bundle.kind is BundleKind.TOLD for bundle in shop.outbox.bundles):
            shop.faults.everywhere(None)
            shop.environment.pass_time(late)

    shop.faults.everywhere(pass_time)
    await shop.run_to_the_end()
    judge(shop, sold=True)
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert datetime.fromisoformat(order["committed_at"]) >= START + late


async def test_nothing_is_sold_at_the_deadline_or_later() -> None:
    shop = ordering_shop()

    def pass_time(_point: str) -> None:
        if any(b'"sell_line"' in bundle.body for bundle in shop.outbox.bundles):
            shop.faults.everywhere(None)
            shop.environment.pass_time(timedelta(seconds=LIFETIME_SECONDS))

    shop.faults.everywhere(pass_time)
    await shop.run_to_the_end()
    (sale,) = answers_to(shop, SALE)
    assert sale["reason"] == "order_expired"
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert order["reason"] == "order_expired"
    assert [shop.on_hand(sku) for sku in "AB"] == [3, 3]
