"""The client side: commands out, results in.

OrderClient   send commands, wait for their answers, follow everybody's results
OrderRecords  read stored answers and stock from the database
errors        everything that can go wrong, by who must act
"""

from publisher.answer_stream import Answered
from publisher.client import OrderClient
from publisher.database import OrderRecords, StockLevel
from publisher.errors import (
    AnswerTimeout,
    BrokerRefused,
    BrokerUnavailable,
    ClientClosed,
    DatabaseUnavailable,
    InvalidInput,
    OrderError,
    Unroutable,
)

__all__ = [
    "AnswerTimeout",
    "Answered",
    "BrokerRefused",
    "BrokerUnavailable",
    "ClientClosed",
    "DatabaseUnavailable",
    "InvalidInput",
    "OrderClient",
    "OrderError",
    "OrderRecords",
    "StockLevel",
    "Unroutable",
]
