"""Commands as test data."""

from uuid import uuid4

from schemas.commands import Command, Restock


def restocks(count: int, *, sku_count: int = 10) -> list[Command]:
    """Return restocks of `sku_count` SKUs in turn; the order id tells their position."""
    return [
        Restock(command_id=uuid4(), sku=f"S{position % sku_count}", quantity=1, user="u", order_id=str(position))
        for position in range(count)
    ]


def first_arrivals(received: list[Command]) -> list[Command]:
    """Return `received` without repeats."""
    return list({command.command_id: command for command in received}.values())


def by_sku(commands: list[Command]) -> dict[str, list[str | None]]:
    """Return the positions of the commands of each SKU, in their order."""
    orders: dict[str, list[str | None]] = {}
    for command in commands:
        orders.setdefault(command.aggregate_id, []).append(command.order_id)
    return orders
