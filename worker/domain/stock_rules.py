"""The rule of each command that moves stock, in a table."""

from collections.abc import Callable, Mapping
from typing import Any

from worker.domain.commands import ChangeStock, Purchase, Restock, SetStock, StockCommand, Transfer
from worker.domain.events import StockAdded, StockAdjusted, StockEvent, StockRemoved, StockTransferred
from worker.domain.refusals import Refusal, RefusalReason
from worker.domain.stock import ON_HAND_LIMIT, Stock


def _purchase(stock: Stock, command: Purchase) -> StockRemoved | Refusal:
    return lacking(stock, command.location, command.quantity) or StockRemoved(command.location, command.quantity)


def _restock(stock: Stock, command: Restock) -> StockAdded | Refusal:
    return _overfull(stock, command.location, command.quantity) or StockAdded(command.location, command.quantity)


def _set_stock(stock: Stock, command: SetStock) -> StockAdjusted | Refusal:
    return _adjust(stock, command.location, command.count - stock.at(command.location).on_hand)


def _change_stock(stock: Stock, command: ChangeStock) -> StockAdjusted | Refusal:
    return _adjust(stock, command.location, command.difference)


def _adjust(stock: Stock, location: str, difference: int) -> StockAdjusted | Refusal:
    level = stock.at(location)
    if level.available + difference < 0:
        return Refusal(
            RefusalReason.BELOW_RESERVED,
            f"{level.on_hand + difference} would be left at {location}, {level.reserved} reserved",
        )
    return _overfull(stock, location, difference) or StockAdjusted(location, difference)


def _transfer(stock: Stock, command: Transfer) -> StockTransferred | Refusal:
    return (
        lacking(stock, command.location, command.quantity)
        or _overfull(stock, command.to_location, command.quantity)
        or StockTransferred(command.location, command.to_location, command.quantity)
    )


def lacking(stock: Stock, location: str, quantity: int) -> Refusal | None:
    """Return the refusal where fewer than `quantity` units are available."""
    available = stock.at(location).available
    if quantity <= available:
        return None
    return Refusal(RefusalReason.INSUFFICIENT_STOCK, f"{quantity} wanted at {location}, {available} available")


def _overfull(stock: Stock, location: str, quantity: int) -> Refusal | None:
    on_hand = stock.at(location).on_hand
    if on_hand + quantity <= ON_HAND_LIMIT:
        return None
    return Refusal(
        RefusalReason.STOCK_LIMIT,
        f"{on_hand} on hand at {location}; with {quantity} more it would pass {ON_HAND_LIMIT}",
    )


STOCK_RULES: Mapping[type[StockCommand], Callable[[Stock, Any], StockEvent | Refusal]] = {
    Purchase: _purchase,
    Restock: _restock,
    SetStock: _set_stock,
    ChangeStock: _change_stock,
    Transfer: _transfer,
}
