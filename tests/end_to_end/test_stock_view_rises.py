"""Under mixed load, with entries evicted, expired and cut off all the time, what is shown never rises unexplained."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from publisher import OrderClient, StockReading, StockView
from schemas import Command, Purchase, Release, Reserve, Restock
from tests.end_to_end.shop import LiveShop
from tests.proxy import Proxy

SKUS = ["A", "B", "C"]
TRADING_SECONDS = 4.0
COMMANDS_PER_ROUND = 100
ROUNDS_PER_CUT = 4
RAISING_TYPES = {"restock", "release", "expire"}
RE_READ_SECONDS = 0.05
CARTS = 100


class Event(NamedTuple):
    """What made a version, and what was left by it."""

    type: str
    on_hand: int
    reserved: int


NOTHING = Event("none", 0, 0)


@pytest.mark.parametrize(
    ("limit", "reason_to_look"),
    [({"capacity_levels": len(SKUS) - 1}, "evictions"), ({"lifetime_seconds": 0.2}, "misses_expired")],
    ids=["evicted", "expired"],
)
async def test_available_never_rises_without_an_event_that_explains_it(
    shop: LiveShop, limit: dict[str, Any], reason_to_look: str
) -> None:
    await shop.start_worker()
    async with (
        Proxy.to(shop.amqp_url) as proxy,
        StockView(proxy.url(shop.amqp_url), shop.database_url, **limit) as view,
        shop.client() as client,
    ):
        bought = asyncio.Event()
        paces = [(sku, pause_seconds) for sku in SKUS for pause_seconds in (0.0, RE_READ_SECONDS)]
        reading = [asyncio.create_task(_read(view, sku, bought, pause_seconds)) for sku, pause_seconds in paces]
        await _trade(shop, client, proxy)
        bought.set()
        seen = await asyncio.gather(*reading)
        assert getattr(view.counters, reason_to_look) > 0
    history = await _history(shop)
    assert {event.type for event in history.values()} > RAISING_TYPES
    assert all(len({reading.version for reading in readings}) > 1 for readings in seen)
    assert [sentence for readings in seen for sentence in _unexplained(readings, history)] == []


async def _trade(shop: LiveShop, client: OrderClient, proxy: Proxy) -> None:
    random, end, rounds = Random(7), time.monotonic() + TRADING_SECONDS, 0
    while time.monotonic() < end or not await _everything_happened(shop):
        async for _ in client.request_many(_commands(random)):
            """A round ends when all of it is answered."""
        rounds += 1
        if rounds % ROUNDS_PER_CUT == 0:
            proxy.cut()


def _commands(random: Random) -> Iterator[Command]:
    """Yield commands that lower and raise what is available; releases are of earlier holds, or refused."""
    for _ in range(COMMANDS_PER_ROUND):
        known: dict[str, Any] = {
            "command_id": UUID(int=random.getrandbits(128), version=4),
            "sku": random.choice(SKUS),
            "user": "till",
        }
        match random.randrange(4):
            case 0:
                yield Restock(**known, quantity=random.randint(1, 5))
            case 1:
                yield Purchase(**known, quantity=random.randint(1, 5))
            case 2:
                yield Reserve(**known, quantity=1, reservation_id=f"cart {random.randrange(CARTS)}", expires_in=1)
            case _:
                yield Release(**known, reservation_id=f"cart {random.randrange(CARTS)}")


async def _everything_happened(shop: LiveShop) -> bool:
    """Return whether something rose in each of the ways it can: a slow machine needs longer for that."""
    return {event.type for event in (await _history(shop)).values()} > RAISING_TYPES


async def _read(view: StockView, sku: str, bought: asyncio.Event, pause_seconds: float) -> list[StockReading]:
    readings = []
    while not bought.is_set():
        readings.append(await view.get(sku))
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_seconds):
                await bought.wait()
    return readings


async def _history(shop: LiveShop) -> dict[tuple[str, int], Event]:
    answers = [json.loads(row["answer"]) for row in await shop.rows("SELECT answer FROM commands")]
    return {
        (answer["sku"], answer["version"]): Event(answer["type"], answer["on_hand"], answer["reserved"])
        for answer in answers
        if answer["outcome"] == "applied"
    }


def _unexplained(readings: list[StockReading], history: dict[tuple[str, int], Event]) -> Iterator[str]:
    """Yield a sentence for everything that the events do not say, of what one reader was shown."""
    for reading in readings:
        event = history.get((reading.sku, reading.version), NOTHING)
        if (reading.on_hand, reading.reserved) != (event.on_hand, event.reserved):
            yield f"{reading}: that version left {event}"
    for before, after in pairwise(readings):
        if after.version < before.version:
            yield f"{before} was followed by {after}"
        between = {history[after.sku, version].type for version in range(before.version + 1, after.version + 1)}
        if after.available > before.available and not between & RAISING_TYPES:
            yield f"{before} rose to {after} by {between}"
