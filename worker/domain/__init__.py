"""The rules of stock, as pure functions over frozen values.

stock                  Stock: one SKU with all its locations; Stock() before the first event
reservation            Reservation: units held for somebody, a value of its own
commands               what may be asked
decisions              decide(stock, command, now, reservation) -> the event that happens, or the refusal
stock_rules            the rule of each command that moves stock; reservation_rules: of each about a reservation;
                       line_rules: of each about a line of a whole order
refusals               the ways to say no
events                 what can happen
evolution              evolve(stock, event) -> the state after it; movements(event) -> what it changes,
                       which `move` applies
reservation_evolution  evolve_reservation(reservation, event) -> the reservation after it
orders                 whole orders, with states, events and rules of their own

Standard library only; no clock, no ids, no I/O. A refusal is a value, not an
exception: to say no is part of the business.
"""

from worker.domain.commands import (
    ChangeStock,
    Command,
    Expire,
    Extend,
    Fulfil,
    Purchase,
    Release,
    Reserve,
    ReserveLine,
    Restock,
    SellLine,
    SetStock,
    Transfer,
)
from worker.domain.decisions import (
    decide,
)
from worker.domain.events import (
    Event,
    ReservationEvent,
    ReservationExpired,
    ReservationExtended,
    ReservationFulfilled,
    ReservationReleased,
    StockAdded,
    StockAdjusted,
    StockRemoved,
    StockReserved,
    StockTransferred,
)
from worker.domain.evolution import (
    Movement,
    evolve,
    move,
    movements,
)
from worker.domain.refusals import (
    Refusal,
    RefusalReason,
)
from worker.domain.reservation import (
    Reservation,
    ReservationStatus,
)
from worker.domain.reservation_evolution import (
    evolve_reservation,
)
from worker.domain.stock import (
    EMPTY_LEVEL,
    Level,
    Stock,
)

__all__ = [
    "EMPTY_LEVEL",
    "ChangeStock",
    "Command",
    "Event",
    "Expire",
    "Extend",
    "Fulfil",
    "Level",
    "Movement",
    "Purchase",
    "Refusal",
    "RefusalReason",
    "Release",
    "Reservation",
    "ReservationEvent",
    "ReservationExpired",
    "ReservationExtended",
    "ReservationFulfilled",
    "ReservationReleased",
    "ReservationStatus",
    "Reserve",
    "ReserveLine",
    "Restock",
    "SellLine",
    "SetStock",
    "Stock",
    "StockAdded",
    "StockAdjusted",
    "StockRemoved",
    "StockReserved",
    "StockTransferred",
    "Transfer",
    "decide",
    "evolve",
    "evolve_reservation",
    "move",
    "movements",
]
