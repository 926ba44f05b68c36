"""The rules of stock, as pure functions over frozen values.

Standard library only; no clock, no ids, no I/O. An aggregate is one SKU with
all its locations:

    Stock()                  the state before the first event
    decide(stock, command)   the event that happens, or the refusal
    movements(event)         what it changes, location by location
    evolve(stock, event)     the state after it

A refusal is a value, not an exception: to say no is part of the business.
"""

from worker.domain.commands import ChangeStock, Command, Purchase, Restock, SetStock, Transfer
from worker.domain.decisions import decide
from worker.domain.events import Event, StockAdded, StockAdjusted, StockRemoved, StockTransferred
from worker.domain.evolution import Movement, evolve, movements
from worker.domain.refusals import Refusal, RefusalReason
from worker.domain.stock import EMPTY_LEVEL, Level, Stock

__all__ = [
    "EMPTY_LEVEL",
    "ChangeStock",
    "Command",
    "Event",
    "Level",
    "Movement",
    "Purchase",
    "Refusal",
    "RefusalReason",
    "Restock",
    "SetStock",
    "Stock",
    "StockAdded",
    "StockAdjusted",
    "StockRemoved",
    "StockTransferred",
    "Transfer",
    "decide",
    "evolve",
    "movements",
]
