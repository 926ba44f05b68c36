"""A message that kills its worker is found by counting; over twins."""

import json
from uuid import UUID

from tests.twins.orders import message, purchase, restock
from tests.twins.shop import Shop
from tests.worker.lane.misfortunes import Killed
from worker.domain.orders import Step
from worker.lane.dead_letters.suspects import CRASH_LIMIT_ATTEMPTS
from worker.lane.orders.errands import line_command_id
from worker.lane.ports import BundleKind, Delivery
from worker.ledger import LetterState


async def test_a_message_that_kills_its_worker_is_convicted_alone() -> None:
    innocent = [restock(number, 1, sku=f"S{number}") for number in range(2, 60)]
    shop = Shop([*innocent[:20], restock(1, 5), purchase(100, 1), *innocent[20:]])
    shop.convicts = True
    shop.database.deadly_commands[UUID(int=1)] = Killed()
    await _die_until_it_is_convicted(shop)
    letters = [(row.letter.command_id, row.letter.reason, row.state) for row in shop.ledger.letters.values()]
    assert letters == [
        (UUID(int=1), "crashed", LetterState.HELD),
        (UUID(int=100), "held", LetterState.PARKED),
    ]
    assert all(shop.on_hand(f"S{number}") == 1 for number in range(2, 60))
    assert shop.ledger.attempts == {}


async def test_a_command_of_a_bundle_that_kills_its_worker_is_convicted_alone() -> None:
    shop = Shop([*(restock(1 + number, 1, sku=f"S{number}") for number in range(9)), *map(_placing, range(9))])
    shop.convicts = True
    bad = UUID(line_command_id("order:4", 1, Step.RESERVE))
    shop.database.deadly_commands[bad] = Killed()
    await _die_until_it_is_convicted(shop)
    asked = next(bundle for bundle in shop.outbox.bundles if bundle.kind is BundleKind.ASKED)
    assert len(asked.body.splitlines()) == 9, "it came with the others"
    letters = [(row.letter.command_id, row.letter.reason, row.state) for row in shop.ledger.letters.values()]
    assert letters == [(bad, "crashed", LetterState.HELD)]
    statuses = {name: row.status for name, row in shop.database.orders.items()}
    assert {name for name, status in statuses.items() if status != "sold"} == {"order:4"}
    assert [shop.on_hand(f"S{number}") for number in range(9)] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert shop.ledger.attempts == {}


def _placing(number: int) -> Delivery:
    fields = {"type": "place_order", "command_id": str(UUID(int=100 + number)), "order_id": str(number), "user": "till"}
    return message(json.dumps(fields | {"lines": [{"sku": f"S{number}", "quantity": 1}]}).encode())


async def _die_until_it_is_convicted(shop: Shop) -> None:
    deaths = 0
    while shop.queue.messages:
        try:
            await shop.run_lane()
        except Killed:
            deaths += 1
        assert deaths <= CRASH_LIMIT_ATTEMPTS + 1
    assert deaths == CRASH_LIMIT_ATTEMPTS + 1
