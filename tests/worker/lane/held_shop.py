"""A shop in which a command of a SKU has failed, and an operator."""

from uuid import UUID

from schemas.dead_letters import NUDGE
from tests.twins.ledger import RequestRow
from tests.twins.orders import message, purchase, restock
from tests.twins.shop import Shop
from worker.ledger import Action


def failing(shop: Shop, *numbers: int) -> None:
    shop.database.refused_commands.update(UUID(int=number) for number in numbers)


async def ask(shop: Shop, action: Action, letter_id: int = 1, corrected_body: bytes | None = None) -> None:
    shop.ledger.requests[letter_id] = RequestRow(action, corrected_body=corrected_body)
    shop.send([message(NUDGE)])
    await shop.run_to_the_end()


def states(shop: Shop) -> list[str]:
    return [row.state.value for row in shop.ledger.letters.values()]


def decided(shop: Shop) -> list[int]:
    """Return the numbers of the recorded commands, in the order of their sequence numbers."""
    recorded = sorted((sequence, command_id.int) for command_id, (_, sequence, _) in shop.database.commands.items())
    return [number for _, number in recorded]


async def held_shop() -> Shop:
    shop = Shop([restock(1, 50), restock(2, 100), purchase(3, 4), restock(4, 9, sku="B"), purchase(5, 1)])
    failing(shop, 2)
    await shop.run_lane()
    return shop
