"""Readers and looks: who shares which, who waits for what, and what is raised."""

import asyncio
from itertools import pairwise
from traceback import walk_tb

import pytest

from publisher import BrokerUnavailable, ClientClosed, DatabaseUnavailable, InvalidInput, VersionNotSeen
from publisher.stock_view.coherent_stock import ANSWERS_PER_TURN_LIMIT, CoherentStock
from publisher.stock_view.looking import SKUS_PER_LOOK_LIMIT
from tests.publisher.stock_view.clock_twin import ClockTwin
from tests.publisher.stock_view.opening import read, served, settled
from tests.publisher.stock_view.shop_twin import ShopTwin


async def test_a_thousand_misses_of_one_sku_make_one_query(view: CoherentStock, shop: ShopTwin) -> None:
    shop.commit("A", 5)
    readings = [asyncio.create_task(view.get("A")) for _ in range(500)]
    await settled()
    readings += [asyncio.create_task(view.get("A")) for _ in range(500)]  # these find the query under way
    await served(shop)
    assert {(await reading).on_hand for reading in readings} == {5}
    assert (view.counters.looks, view.counters.looked_up_skus, view.counters.misses_unknown) == (1, 1, 1_000)


async def test_misses_of_many_skus_share_queries(view: CoherentStock, shop: ShopTwin) -> None:
    skus = [f"SKU-{number}" for number in range(SKUS_PER_LOOK_LIMIT + 1)]
    reading = asyncio.create_task(view.get_many(skus))
    for _ in range(2):
        await served(shop)
    assert list(await reading) == skus
    assert (view.counters.looks, view.counters.looked_up_skus) == (2, len(skus))


async def test_a_list_longer_than_a_look_is_read_in_portions(view: CoherentStock, shop: ShopTwin) -> None:
    skus = [f"SKU-{number}" for number in range(3 * SKUS_PER_LOOK_LIMIT)]
    reading = asyncio.create_task(view.get_many(skus))
    another = asyncio.create_task(view.get("A"))
    for _ in range(2):
        await served(shop)
    assert another.done()  # it did not wait for the whole list
    for _ in range(2):
        await served(shop)
    assert list(await reading) == skus


async def test_what_is_known_of_a_list_is_read_once_the_rest_is_found(view: CoherentStock, shop: ShopTwin) -> None:
    shop.commit("A", 5)
    await read(view, shop)
    reading = asyncio.create_task(view.get_many(["A", "B"]))
    await settled()
    shop.commit("A", -2)
    shop.publish()
    shop.publish()
    await served(shop)
    assert (await reading)["A"].on_hand == 3
    assert (view.counters.hits, view.counters.misses) == (1, 2)


async def test_readers_are_served_between_the_answers_of_a_flood(view: CoherentStock, shop: ShopTwin) -> None:
    for _ in range(10 * ANSWERS_PER_TURN_LIMIT):
        shop.commit("A", 1)
        shop.publish()
    seen = []
    while view.counters.answers < 10 * ANSWERS_PER_TURN_LIMIT:
        seen.append(view.counters.answers)
        await asyncio.sleep(0)
    assert max(after - before for before, after in pairwise(seen)) == ANSWERS_PER_TURN_LIMIT


async def test_a_look_under_way_that_does_not_ask_for_it_is_not_shared(view: CoherentStock, shop: ShopTwin) -> None:
    shop.commit("B", 2)
    first = asyncio.create_task(view.get("A"))
    await settled()
    second = asyncio.create_task(view.get("B"))
    for _ in range(2):
        await served(shop)
    assert ((await first).on_hand, (await second).on_hand) == (0, 2)


async def test_a_cancelled_reader_loses_nobody_elses_look(view: CoherentStock, shop: ShopTwin) -> None:
    shop.commit("A", 5)
    first, second = asyncio.create_task(view.get("A")), asyncio.create_task(view.get("A"))
    await settled()
    first.cancel()
    await served(shop)
    assert (await second).on_hand == 5
    with pytest.raises(asyncio.CancelledError):
        await first
    assert view.peek("A") == await view.get("A")  # nor what it found


async def test_all_readers_cancelled_leave_a_view_that_works(view: CoherentStock, shop: ShopTwin) -> None:
    reading = asyncio.create_task(view.get("A"))
    await settled()
    reading.cancel()
    await served(shop)
    assert (await read(view, shop)).on_hand == 0


async def test_peek_knows_what_get_has_found(view: CoherentStock, shop: ShopTwin) -> None:
    shop.commit("A", 5)
    assert view.peek("A") is None
    await read(view, shop)
    peeked = view.peek("A")
    assert peeked is not None
    assert (peeked.sku, peeked.location, peeked.available, peeked.stale) == ("A", "main", 5, False)
    assert (view.counters.hits, view.counters.misses) == (1, 2)


async def test_a_reader_finds_its_own_write(view: CoherentStock, shop: ShopTwin) -> None:
    shop.commit("A", 5)
    await read(view, shop)
    answer = shop.commit("A", -2)  # memory is fresh enough, and older than that
    reading = asyncio.create_task(view.get("A", at_least=answer.version))
    await served(shop)
    assert (await reading).on_hand == 3


async def test_a_version_that_is_not_there_yet_is_waited_for(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    reading = asyncio.create_task(view.get("A", at_least=1))
    await served(shop)
    assert not reading.done()
    shop.commit("A", 5)
    clock.advance(0.03)
    for _ in range(2):  # one at the steady pace, one for the reader
        await served(shop)
    assert (await reading).version == 1


async def test_a_version_that_never_comes_is_given_up(view: CoherentStock, shop: ShopTwin) -> None:
    with pytest.raises(VersionNotSeen, match="version 7 of 'A'"):
        await view.get("A", at_least=7, timeout_seconds=0)
    assert (await read(view, shop)).version == 0


async def test_with_the_database_away_only_stale_levels_are_had(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    shop.commit("A", 5)
    await read(view, shop)
    shop.publish()
    clock.advance(0.2)
    await settled()
    shop.fail()
    await settled()
    assert view.peek("A") is None
    stale = await view.get("A", stale_ok=True)  # at once: nobody has to wait for the next look to fail
    assert (stale.on_hand, stale.stale) == (5, True)
    assert stale.age_seconds == pytest.approx(0.2)
    assert view.peek("A", stale_ok=True) == stale
    for arguments in ({"sku": "A"}, {"sku": "never read", "stale_ok": True}):
        reading = asyncio.create_task(view.get(**arguments))
        clock.advance(0.25)  # the database is not stormed
        await settled()
        shop.fail()
        with pytest.raises(DatabaseUnavailable):
            await reading
    shop.commit("A", -1)
    shop.publish()  # the feed alone does not tell whether this is all, but it is better than nothing
    await settled()
    assert (await view.get_many(["A"], stale_ok=True))["A"].on_hand == 4
    clock.advance(0.25)
    assert (await read(view, shop)).stale is False
    assert view.counters.failed_looks == 3


async def test_a_read_that_waits_for_the_outage_itself_gets_a_stale_level_too(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    await read(view, shop)
    clock.advance(0.2)
    reading = asyncio.create_task(view.get("A", stale_ok=True))
    await settled()
    shop.fail()
    assert (await reading).stale is True


async def test_a_feed_that_fails_is_followed_again(view: CoherentStock, shop: ShopTwin, clock: ClockTwin) -> None:
    await read(view, shop)
    shop.feed.put(BrokerUnavailable("cut"))
    await settled()
    shop.commit("A", 5)
    shop.publish()
    clock.advance(1.0)
    await served(shop)
    assert view.counters.answers == 1


async def test_what_a_worker_kept_back_is_read_from_the_database(
    view: CoherentStock, shop: ShopTwin, clock: ClockTwin
) -> None:
    shop.commit("A", 5)
    shop.publish()
    await read(view, shop)
    shop.commit("A", -1)  # and the worker dies
    clock.advance(0.09)
    await served(shop)
    assert view.peek("A") is None
    assert (await read(view, shop)).on_hand == 4
    assert view.counters.misses_unproven == 2


@pytest.mark.parametrize("sku", ["", "a\0b", " A", "x" * 101])
async def test_what_cannot_be_a_sku_is_refused(view: CoherentStock, sku: str) -> None:
    with pytest.raises(InvalidInput, match="sku"):
        await view.get(sku)


async def test_a_view_that_is_closed_lets_its_readers_go(view: CoherentStock, shop: ShopTwin) -> None:
    under_way = asyncio.create_task(view.get("A"))
    await settled()
    waiting = asyncio.create_task(view.get("B"))
    await settled()
    await view.close()
    for reading in (under_way, waiting, asyncio.create_task(view.get("C"))):
        with pytest.raises(ClientClosed):
            await reading
    assert shop.looks == []


async def test_every_reader_that_is_let_go_has_a_traceback_of_its_own(view: CoherentStock) -> None:
    """One error for all of them would grow with each, for as long as an application asks a closed view."""
    await view.close()
    depths = set()
    for _ in range(3):
        with pytest.raises(ClientClosed) as raised:
            await view.get("A")
        depths.add(len(raised.traceback))
    assert len(depths) == 1


async def test_readers_that_share_a_failed_look_have_tracebacks_of_their_own(
    view: CoherentStock, shop: ShopTwin
) -> None:
    depths = set()

    async def get() -> None:
        try:
            await view.get("A")
        except DatabaseUnavailable as error:
            depths.add(len(list(walk_tb(error.__traceback__))))

    readings = [asyncio.create_task(get()) for _ in range(10)]
    await settled()
    shop.fail()
    await asyncio.gather(*readings)
    assert len(depths) == 1


async def test_a_mistake_in_an_edge_is_told_to_readers(
    view: CoherentStock, shop: ShopTwin, caplog: pytest.LogCaptureFixture
) -> None:
    reading = asyncio.create_task(view.get("A"))
    await settled()
    shop.looks[0].ended.set_exception(LookupError("a bug"))
    for broken in (reading, asyncio.create_task(view.get("A"))):
        with pytest.raises(LookupError, match="a bug"):
            await broken
    assert "it has ended" in caplog.text


async def test_another_event_loop_is_told_to_make_a_view_of_its_own(view: CoherentStock) -> None:
    with pytest.raises(RuntimeError, match="make one for each loop"):
        await asyncio.to_thread(asyncio.run, view.get("A"))


async def test_a_view_that_finds_no_database_is_not_opened(shop: ShopTwin, clock: ClockTwin) -> None:
    view = CoherentStock(shop.feed, shop, clock, capacity_levels=1, lifetime_seconds=1)
    entering = asyncio.create_task(view.__aenter__())
    await settled()
    shop.fail()
    with pytest.raises(DatabaseUnavailable):
        await entering


async def test_everything_forgotten_is_found_again(view: CoherentStock, shop: ShopTwin) -> None:
    shop.commit("A", 5)
    await read(view, shop)
    view.forget()
    assert view.peek("A") is None
    assert (await read(view, shop)).on_hand == 5
