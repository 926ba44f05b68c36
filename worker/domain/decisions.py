"""What follows from a command: one event, or a refusal."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from worker.domain.commands import Command, Purchase, Restock
from worker.domain.events import Event, StockAdded, StockRemoved
from worker.domain.stock import ON_HAND_LIMIT, Stock


class RefusalReason(StrEnum):
    """The rule that refused; each is also a word of the wire contract."""

    INSUFFICIENT_STOCK = "insufficient_stock"
    STOCK_LIMIT = "stock_limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The command was understood and refused; nothing changes."""

    reason: RefusalReason
    message: str


def decide(stock: Stock, command: Command) -> Event | Refusal:
    """Return what `command` does to `stock`."""
    match command:
        case Purchase():
            return _purchase(stock, command)
        case Restock():
            return _restock(stock, command)
        case _:
            assert_never(command)


def _purchase(stock: Stock, command: Purchase) -> StockRemoved | Refusal:
    available = stock.at(command.location).available
    if command.quantity > available:
        return Refusal(
            RefusalReason.INSUFFICIENT_STOCK,
            f"{command.quantity} wanted at {command.location}, {available} available",
        )
    return StockRemoved(command.location, command.quantity)


def _restock(stock: Stock, command: Restock) -> StockAdded | Refusal:
    on_hand = stock.at(command.location).on_hand
    if on_hand + command.quantity > ON_HAND_LIMIT:
        return Refusal(
            RefusalReason.STOCK_LIMIT,
            f"{on_hand} on hand at {command.location}; with {command.quantity} more it would pass {ON_HAND_LIMIT}",
        )
    return StockAdded(command.location, command.quantity)
