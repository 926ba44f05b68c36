from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from publisher.errors import BrokerUnavailable
from schemas.commands import Expire, identity
from worker.event_store import ReservationRow
from worker.expiry.clock import GRACE_SECONDS, HURRY_LIMIT_RESERVATIONS, RESEND_SECONDS, ExpiryClock
from worker.expiry.expiring import expire_command

DUE = datetime(2026, 1, 31, 12)  # noqa: DTZ001 - the tables hold naive UTC
DUE_IN_UTC = DUE.replace(tzinfo=UTC)
ROW = ReservationRow("85123A", "r", "attic", 5, 5, 0, 0, "held", DUE, 3)


@dataclass
class World:
    """A table of held reservations, a broker and a clock, as a test wants them."""

    now: datetime = DUE_IN_UTC
    rows: list[ReservationRow] = field(default_factory=lambda: [ROW])
    asked: list[tuple[Sequence[int], datetime, datetime]] = field(default_factory=list)
    sent: list[Expire] = field(default_factory=list)
    hurried: list[Sequence[Expire]] = field(default_factory=list)
    failing: bool = False

    async def find_due(
        self, share: Sequence[int], now: datetime, overdue: datetime, _limit: int
    ) -> list[ReservationRow]:
        self.asked.append((share, now, overdue))
        return self.rows

    async def send(self, commands: Sequence[Expire]) -> None:
        if self.failing:
            raise BrokerUnavailable("away")
        self.sent.extend(commands)

    def clock(self) -> ExpiryClock:
        return ExpiryClock(self.find_due, self.send, lambda: self.now, self.hurried.append)


def test_the_command_is_the_same_whoever_makes_it() -> None:
    one, other = expire_command(ROW), expire_command(ROW._replace(held=2, fulfilled=3, version=9))
    assert one == other
    assert (one.sku, one.location, one.reservation_id, one.user) == ("85123A", "attic", "r", "system:expiry")
    assert one.expires_at == one.issued_at == DUE.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "change", [{"sku": "A"}, {"reservation_id": "s"}, {"expires_at": DUE + timedelta(microseconds=1)}], ids=str
)
def test_another_reservation_or_another_due_time_is_another_command(change: dict[str, str]) -> None:
    other = expire_command(ROW._replace(**change))  # type: ignore[arg-type]
    assert other.command_id != expire_command(ROW).command_id
    assert identity(other) != identity(expire_command(ROW))


async def test_what_is_due_is_sent_once() -> None:
    world = World()
    clock = world.clock()
    for _ in range(3):
        await clock.tick()
    assert world.sent == [expire_command(ROW)]


async def test_what_was_sent_and_is_due_still_may_go_first() -> None:
    world = World()
    clock = world.clock()
    await clock.tick()
    await clock.tick()
    world.rows = []
    await clock.tick()
    assert world.hurried == [[], [expire_command(ROW)], []]


async def test_of_a_crowd_none_goes_first() -> None:
    world = World(rows=[ROW._replace(reservation_id=str(number)) for number in range(HURRY_LIMIT_RESERVATIONS)])
    clock = world.clock()
    await clock.tick()
    await clock.tick()
    assert world.hurried == [[], []]


async def test_what_could_not_be_sent_may_not_go_first() -> None:
    world = World(failing=True)
    clock = world.clock()
    for _ in range(2):
        with pytest.raises(BrokerUnavailable):
            await clock.tick()
    assert world.hurried == [[], []]


async def test_it_asks_for_its_own_share_at_once_and_for_the_others_with_grace() -> None:
    world = World(rows=[])
    clock = world.clock()
    clock.share = frozenset({3, 1})
    await clock.tick()
    assert world.asked == [([1, 3], world.now, world.now - timedelta(seconds=GRACE_SECONDS))]


async def test_what_could_not_be_sent_is_sent_at_the_next_tick() -> None:
    world = World(failing=True)
    clock = world.clock()
    with pytest.raises(BrokerUnavailable):
        await clock.tick()
    world.failing = False
    await clock.tick()
    assert len(world.sent) == 1


async def test_what_stays_due_for_long_is_sent_again() -> None:
    world = World()
    clock = world.clock()
    await clock.tick()
    world.now += timedelta(seconds=RESEND_SECONDS)
    await clock.tick()
    assert world.sent == [expire_command(ROW)] * 2


async def test_it_remembers_nothing_that_has_ended() -> None:
    world = World()
    clock = world.clock()
    await clock.tick()
    world.rows = []
    await clock.tick()
    assert not clock._sent  # noqa: SLF001 - its memory is what this is about
