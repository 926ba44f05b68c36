"""What a look that is under way, or slow, does for readers; and the answers that it brings where the feed is late."""

import asyncio

import pytest

from publisher import DatabaseUnavailable
from publisher.stock_view.coherent_stock import CoherentStock
from publisher.stock_view.looking import SKUS_PER_LOOK_LIMIT
from tests.publisher.stock_view.clock_twin import ClockTwin
from tests.publisher.stock_view.opening import read, served, settled
from tests.publisher.stock_view.shop_twin import ANSWERS_PER_LOOK, ShopTwin


async def _five_known(view: CoherentStock, shop: ShopTwin) -> None:
    """Let memory know of five of A, which the feed has shown."""
    shop.commit("A", 5)
    shop.publish()
    await read(view, shop)


async def _look_under_way(shop: ShopTwin, clock: ClockTwin) -> None:
    """Let a look at the steady pace begin, and see the database."""
    clock.advance(0.03)
    await settled()
    shop.snapshot()


async def test_a_look_under_way_that_proves_memory_serves_those_who_wait(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    await _five_known(view, shop)
    await _look_under_way(shop, clock)
    clock.advance(0.05)
    reading = asyncio.create_task(view.get("A"))
    await settled()
    assert not reading.done()
    shop.answer()
    await settled()
    assert reading.done()
    assert (await reading).on_hand == 5


async def test_looks_keep_their_pace_however_long_they_take(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    await _look_under_way(shop, clock)
    clock.advance(0.06)
    shop.answer()
    await settled()
    assert view.counters.looks == 1
    assert len(shop.looks) == 1  # the next one


async def test_a_reader_of_its_own_write_is_not_content_with_an_older_look(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    await _five_known(view, shop)
    await _look_under_way(shop, clock)
    answer = shop.commit("A", -2)
    reading = asyncio.create_task(view.get("A", at_least=answer.version))
    await settled()
    shop.answer()
    await settled()
    assert not reading.done()
    await served(shop)
    assert (await reading).on_hand == 3


@pytest.mark.parametrize("count", [1, ANSWERS_PER_LOOK + 1], ids=["one", "more than a look brings"])
async def test_what_the_feed_is_late_with_is_known_before_memory_is_too_old(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin, count: int
) -> None:
    await _five_known(view, shop)
    for _ in range(count):
        shop.commit("A", -1)  # and nothing is published
    known = []
    for _ in range(4):
        clock.advance(0.026)
        await served(shop)
        known.append(view.peek("A"))
    assert [each for each in known if each is None] == []
    assert known[-1] is not None
    assert known[-1].on_hand == 5 - count
    assert (view.counters.late_answers, view.counters.misses, view.counters.looked_up_skus) == (count, 1, 1)


async def test_a_failing_look_of_others_is_not_told(view: CoherentStock, shop: ShopTwin, clock: ClockTwin) -> None:
    await _look_under_way(shop, clock)
    reading = asyncio.create_task(view.get("A"))
    await settled()
    shop.fail()
    await settled()
    assert not reading.done()
    clock.advance(0.25)
    await served(shop)
    assert (await reading).version == 0


async def test_readers_behind_a_long_queue_are_told_that_the_database_is_away(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    await _look_under_way(shop, clock)
    full = asyncio.create_task(view.get_many([f"SKU-{number}" for number in range(SKUS_PER_LOOK_LIMIT)]))
    behind = asyncio.create_task(view.get("A"))
    for _ in range(2):
        await settled()
        shop.fail()
        await settled()
        clock.advance(0.25)
    for reading in (full, behind):
        assert reading.done()
        with pytest.raises(DatabaseUnavailable):
            await reading
    reading = asyncio.create_task(view.get("A"))
    for _ in range(2):  # one at the steady pace, one for the reader
        await served(shop)
    assert (await reading).version == 0
