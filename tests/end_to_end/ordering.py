"""Whole orders as test data, and how they are asked for."""

from collections.abc import Mapping
from uuid import uuid4

from publisher import OrderClient
from schemas import CancelOrder, OrderLine, OrderResult, PlaceOrder


def placing(order_id: str, *lines: tuple[str, int], **more: object) -> PlaceOrder:
    """Return an order of `lines`, SKU and quantity each, that has time on a busy machine, too."""
    wanted = tuple(OrderLine(sku=sku, quantity=quantity) for sku, quantity in lines)
    fields: dict[str, object] = {"command_id": uuid4(), "order_id": order_id, "lines": wanted, "user": "till-3"}
    return PlaceOrder.model_validate(fields | {"expires_in": 600} | more)


async def ask(client: OrderClient, command: PlaceOrder | CancelOrder) -> OrderResult:
    """Return the answer to a command about an order."""
    result = await client.request(command, timeout_seconds=120)
    assert isinstance(result, OrderResult)
    return result


async def stocked(client: OrderClient, stock: Mapping[str, int]) -> None:
    """Put units of some SKUs into the shop."""
    for sku, quantity in stock.items():
        assert (await client.restock(sku, quantity, user="warehouse")).applied


def told(result: OrderResult) -> list[tuple[str, int, int, str | None]]:
    """Return what the answer says of each line: SKU, wanted, sold, reason."""
    return [(line.sku, line.quantity, line.sold, line.reason) for line in result.lines]
