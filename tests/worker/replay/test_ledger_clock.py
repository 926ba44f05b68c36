"""When lanes are made to look: over a twin of the tables, and what waits there on real ones."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from publisher.errors import BrokerUnavailable
from tests.worker.replay.ledger import Ledger
from worker.replay.ledger_clock import (
    FIGURES_SECONDS,
    OVERDUE_SECONDS,
    RESEND_SECONDS,
    Figures,
    LedgerClock,
    WaitingPartition,
)
from worker.replay.requests import WaitingRequests
from worker.replay.session import LedgerSession

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ASKED = WaitingPartition(3, NOON.replace(tzinfo=None))
LET_GO = WaitingPartition(5, None)


@dataclass
class World:
    """Tables, a broker and a clock, as a test wants them."""

    now: datetime = NOON
    found: list[WaitingPartition] = field(default_factory=lambda: [ASKED])
    asked: list[tuple[Sequence[int], float]] = field(default_factory=list)
    carried_on: int = 0
    nudged: list[list[int]] = field(default_factory=list)
    shown: list[Figures] = field(default_factory=list)
    failing: bool = False

    async def waiting(self, own_partitions: Sequence[int], overdue_seconds: float) -> list[WaitingPartition]:
        self.asked.append((own_partitions, overdue_seconds))
        return self.found

    async def figures(self) -> Figures:
        return Figures({"held": len(self.shown)}, 1)

    async def carry_on(self) -> None:
        self.carried_on += 1

    async def nudge(self, partitions: Sequence[int]) -> None:
        if self.failing:
            raise BrokerUnavailable("away")
        self.nudged.append(list(partitions))

    def clock(self) -> LedgerClock:
        return LedgerClock(self, self.carry_on, self.nudge, self.shown.append, lambda: self.now)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


async def test_a_lane_is_told_once_of_what_waits_for_it() -> None:
    world = World(found=[ASKED, LET_GO])
    clock = world.clock()
    for _ in range(3):
        await clock.tick()
    assert (world.nudged, world.carried_on) == ([[3, 5]], 3)


async def test_what_still_waits_after_a_while_is_told_again() -> None:
    world = World()
    clock = world.clock()
    await clock.tick()
    world.pass_time(RESEND_SECONDS)
    await clock.tick()
    assert world.nudged == [[3], [3]]


async def test_what_was_asked_for_since_is_told_at_once() -> None:
    world = World()
    clock = world.clock()
    await clock.tick()
    world.found = [ASKED._replace(newest=NOON.replace(tzinfo=None) + timedelta(milliseconds=1))]
    await clock.tick()
    assert world.nudged == [[3], [3]]


async def test_what_could_not_be_told_is_told_at_the_next_tick() -> None:
    world = World(failing=True)
    clock = world.clock()
    with pytest.raises(BrokerUnavailable):
        await clock.tick()
    world.failing = False
    await clock.tick()
    assert world.nudged == [[3]]


async def test_it_asks_for_its_own_share_at_once_and_for_the_others_with_grace() -> None:
    world = World(found=[])
    clock = world.clock()
    clock.share = frozenset({3, 1})
    await clock.tick()
    assert (world.asked, world.nudged) == ([([1, 3], OVERDUE_SECONDS)], [])


async def test_figures_are_shown_now_and_then() -> None:
    world = World()
    clock = world.clock()
    for _ in range(3):
        await clock.tick()
    assert world.shown == [Figures({"held": 0}, 1)]
    world.pass_time(FIGURES_SECONDS)
    await clock.tick()
    assert len(world.shown) == 2


@pytest.fixture
async def requests(migrated_database_url: str) -> AsyncIterator[WaitingRequests]:
    session = LedgerSession(migrated_database_url)
    yield WaitingRequests(session)
    await session.close()


async def test_requests_and_lines_that_were_let_go_wait(ledger: Ledger, requests: WaitingRequests) -> None:
    await ledger.hold(None, aggregate_id="let go", partition=2)
    await ledger.hold(await ledger.letter("held", place=1), aggregate_id="still held", partition=3)
    for letter_id in await ledger.letters(2, partition=1):
        await ledger.ask(letter_id, partition=1)
    newest = await ledger.connection.fetchval("SELECT max(requested_at) FROM dead_letter_requests")
    assert await requests.waiting([1, 3], 60.0) == [(1, newest), (2, None)]


async def test_what_others_were_asked_for_waits_once_it_is_overdue(ledger: Ledger, requests: WaitingRequests) -> None:
    await ledger.ask(await ledger.letter(), partition=1)
    assert await requests.waiting([0], 60.0) == []
    await ledger.connection.execute(
        "UPDATE dead_letter_requests SET requested_at = requested_at - interval '61 seconds'"
    )
    assert [each.partition for each in await requests.waiting([0], 60.0)] == [1]


async def test_the_ledger_in_numbers(ledger: Ledger, requests: WaitingRequests) -> None:
    assert await requests.figures() == ({}, 0)
    head = await ledger.letter("held", place=1)
    await ledger.hold(head, parked=1)
    await ledger.letter("parked", place=2)
    await ledger.close_all((await ledger.letters(3))[1:])
    assert await requests.figures() == ({"held": 1, "parked": 1, "set_aside": 1}, 1)
