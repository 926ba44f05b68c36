"""The rules of stock, as pure functions over frozen values.

stock      Stock: one SKU with all its locations; Stock() before the first event
commands   what may be asked
decisions  decide(stock, command) -> the event that happens, or the refusal
events     what can happen
evolution  evolve(stock, event) -> the state after it

Standard library only; no clock, no ids, no I/O. A refusal is a value, not an
exception: to say no is part of the business.
"""

from worker.domain.commands import Command, Purchase, Restock
from worker.domain.decisions import Refusal, RefusalReason, decide
from worker.domain.events import Event, StockAdded, StockRemoved
from worker.domain.evolution import evolve
from worker.domain.stock import EMPTY_LEVEL, Level, Stock

__all__ = [
    "EMPTY_LEVEL",
    "Command",
    "Event",
    "Level",
    "Purchase",
    "Refusal",
    "RefusalReason",
    "Restock",
    "Stock",
    "StockAdded",
    "StockRemoved",
    "decide",
    "evolve",
]
