"""A message that kills its worker is found by counting; over twins."""

from uuid import UUID

from tests.twins.orders import purchase, restock
from tests.twins.shop import Shop
from tests.worker.lane.misfortunes import Killed
from worker.lane.dead_letters.suspects import CRASH_LIMIT_ATTEMPTS
from worker.ledger import LetterState


async def test_a_message_that_kills_its_worker_is_convicted_alone() -> None:
    innocent = [restock(number, 1, sku=f"S{number}") for number in range(2, 60)]
    shop = Shop([*innocent[:20], restock(1, 5), purchase(100, 1), *innocent[20:]])
    shop.convicts = True
    shop.database.deadly_commands[UUID(int=1)] = Killed()
    deaths = 0
    while shop.queue.messages:
        try:
            await shop.run_lane()
        except Killed:
            deaths += 1
        assert deaths <= CRASH_LIMIT_ATTEMPTS + 1
    assert deaths == CRASH_LIMIT_ATTEMPTS + 1
    letters = [(row.letter.command_id, row.letter.reason, row.state) for row in shop.ledger.letters.values()]
    assert letters == [
        (UUID(int=1), "crashed", LetterState.HELD),
        (UUID(int=100), "held", LetterState.PARKED),
    ]
    assert all(shop.on_hand(f"S{number}") == 1 for number in range(2, 60))
    assert shop.ledger.attempts == {}
