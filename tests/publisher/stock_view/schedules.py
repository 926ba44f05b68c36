"""Schedules: which step comes next is drawn, everything else follows from it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from hypothesis import strategies as st

from publisher.errors import BrokerUnavailable, DatabaseUnavailable
from publisher.stock_view.coherent_stock import CoherentStock
from tests.publisher.stock_view.clock_twin import ClockTwin
from tests.publisher.stock_view.naive_cache import NaiveCache
from tests.publisher.stock_view.opening import opened, served, settled
from tests.publisher.stock_view.shop_twin import PARTITION_COUNT, ShopTwin
from tests.publisher.stock_view.truth import Read, Seen, mistakes

SKUS = ("A", "B")
READERS = 2
LISTING_READER = READERS
"""Reads all SKUs at once. It never peeks while it waits: two readings at a time are in no order."""

CAPACITY_LEVELS = 1
"""Fewer than there are SKUs, so that reading one evicts another."""

LIFETIME_SECONDS = 2.0
LOOKS_TO_THE_END = 200


class Step(NamedTuple):
    """A step's name, which is that of a method of `Run`, and its arguments."""

    name: str
    arguments: tuple[Any, ...] = ()


def _step(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.builds(lambda *values: Step(name, values), *arguments)


_SKU = st.sampled_from(SKUS)
_READER = st.integers(0, READERS - 1)

_STEPS = st.one_of(
    # The first ones are what a schedule shrinks to, and those named twice come twice as often.
    _step("read", _READER, _SKU),
    _step("commit", _SKU, st.integers(-2, 2).filter(bool)),
    _step("advance", st.sampled_from([0.001, 0.026, 0.06, 0.11, 0.6, 2.1])),
    _step("serve"),
    _step("publish", st.integers(0, 2)),
    _step("snapshot"),
    _step("answer"),
    _step("read", _READER, _SKU),
    _step("commit", _SKU, st.integers(-2, 2).filter(bool)),
    _step("advance", st.sampled_from([0.026, 0.06, 0.11])),
    _step("serve"),
    _step("publish", st.just(0)),
    _step("peek", _READER, _SKU),
    _step("read_all"),
    _step("read", st.just(LISTING_READER), _SKU),
    _step("calm"),
    _step("calm"),
    _step("cancel", _READER),
    _step("lose"),
    _step("garble"),
    _step("repeat"),
    _step("fail"),
    _step("claim", st.integers(0, PARTITION_COUNT - 1)),
    _step("forget"),
    _step("reconnect"),
)
SCHEDULES = st.builds(
    # One list would have five steps on average; each of these shrinks to nothing on its own.
    lambda *parts: [step for part in parts for step in part],
    *[st.lists(_STEPS, max_size=12)] * 6,
)
"""Thirty steps on average."""


class Subject(Protocol):
    """A cache that can be read."""

    async def get(self, sku: str) -> Any: ...
    async def get_many(self, skus: Iterable[str]) -> Mapping[str, Any]: ...
    def peek(self, sku: str) -> Any: ...
    def forget(self) -> None: ...


@dataclass(slots=True)
class Run:
    """One cache under one schedule."""

    clock: ClockTwin
    shop: ShopTwin
    subject: Subject
    reads: list[Read] = field(default_factory=list)
    _reading: dict[int, "asyncio.Task[None]"] = field(default_factory=dict)

    def read(self, reader: int, sku: str) -> None:
        """Let a reader ask, unless it waits for an answer."""

        async def get() -> list[Any]:
            return [await self.subject.get(sku)]

        self._ask(reader, get)

    def read_all(self) -> None:
        """Let a reader ask for all SKUs at once, of which memory may know some."""

        async def get() -> list[Any]:
            return list((await self.subject.get_many(SKUS)).values())

        self._ask(LISTING_READER, get)

    def _ask(self, reader: int, get: Callable[[], Awaitable[list[Any]]]) -> None:
        if reader not in self._reading:
            self._reading[reader] = asyncio.create_task(self._read(reader, get))

    async def _read(self, reader: int, get: Callable[[], Awaitable[list[Any]]]) -> None:
        begun_seconds = self.clock.now_seconds()
        try:
            for found in await get():
                self._note(reader, begun_seconds, found)
        except DatabaseUnavailable:
            return
        finally:
            del self._reading[reader]

    def peek(self, reader: int, sku: str) -> None:
        found = self.subject.peek(sku)
        if found is not None:
            self._note(reader, self.clock.now_seconds(), found)

    def _note(self, reader: int, begun_seconds: float, found: Any) -> None:
        seen = Seen(found.sku, found.on_hand, found.version)
        self.reads.append(Read(reader, begun_seconds, self.clock.now_seconds(), seen))

    def cancel(self, reader: int) -> None:
        if reader in self._reading:
            self._reading[reader].cancel()

    def commit(self, sku: str, delta: int) -> None:
        self.shop.commit(sku, delta)

    def publish(self, place: int) -> None:
        if place < len(self.shop.unpublished):
            self.shop.publish(place)

    def lose(self) -> None:
        """Let an answer be published while nobody listens, or never."""
        if self.shop.unpublished:
            self.shop.unpublished.pop(0)

    def garble(self) -> None:
        """Let an answer be one that this view cannot read, neither from the feed nor from the database."""
        if self.shop.unpublished:
            self.shop.unreadable.add(self.shop.unpublished.pop(0))

    def repeat(self) -> None:
        """Let a new owner publish again what its predecessor had published."""
        if self.shop.published:
            self.shop.feed.put(self.shop.published[0])

    def reconnect(self) -> None:
        """Cut the feed: what was on its way is lost."""
        while not self.shop.feed.arriving.empty():
            self.shop.feed.arriving.get_nowait()
        self.shop.unpublished.clear()
        self.shop.feed.put(BrokerUnavailable("cut"))

    def snapshot(self) -> None:
        self.shop.snapshot()

    def answer(self) -> None:
        self.shop.answer()

    def serve(self) -> None:
        """Let the database answer at once, as it mostly does."""
        self.shop.snapshot()
        self.shop.answer()

    async def calm(self) -> None:
        """Let 0.6 s pass in which the database answers every look: memory stays proven, and patience ends."""
        for _ in range(20):
            self.clock.advance(0.03)
            await served(self.shop)

    def fail(self) -> None:
        self.shop.fail()

    def claim(self, partition: int) -> None:
        self.shop.claim(partition)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def forget(self) -> None:
        self.subject.forget()

    async def to_the_end(self) -> None:
        """Let the database answer until nobody waits."""
        for _ in range(LOOKS_TO_THE_END):
            if not self._reading:
                return
            self.clock.advance(0.026)
            await served(self.shop)
        raise AssertionError(f"readers {sorted(self._reading)} wait for ever")


Factory = Callable[[ShopTwin, ClockTwin], AbstractAsyncContextManager[Subject]]


def stock_view(shop: ShopTwin, clock: ClockTwin) -> CoherentStock:
    return CoherentStock(shop.feed, shop, clock, capacity_levels=CAPACITY_LEVELS, lifetime_seconds=LIFETIME_SECONDS)


def naive_cache(shop: ShopTwin, clock: ClockTwin) -> NaiveCache:
    return NaiveCache(shop, clock)


def broken_promises(factory: Factory, schedule: list[Step]) -> list[str]:
    """Run `schedule` against the cache that `factory` makes; return what was wrong with what readers saw."""

    async def run() -> list[str]:
        clock = ClockTwin()
        shop = ShopTwin(clock)
        for sku in SKUS:
            shop.commit(sku, 5)
            shop.unpublished.clear()
        subject = factory(shop, clock)
        run = Run(clock, shop, await opened(subject, shop))
        for step in schedule:
            follow_up = getattr(run, step.name)(*step.arguments)
            if follow_up is not None:
                await follow_up
            await settled()
        await run.to_the_end()
        await subject.__aexit__(None, None, None)
        return mistakes(shop, run.reads)

    return asyncio.run(run())
