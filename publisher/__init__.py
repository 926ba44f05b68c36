"""The client side: commands out, results in.

client            OrderClient: send commands, wait for their answers, follow everybody's results
stock_operations  what a client can ask of one SKU: a method for each command
order_operations  the same for whole orders
requesting        what all of these operations do
database          OrderRecords: read stored answers and stock
dead_letters      DeadLetters: what could not be processed, and what becomes of it
errors            everything that can go wrong, by who must act
command_building  arguments -> a command; order_building does it for whole orders
derived_ids       command ids that follow from what a command is about
addressing        a command -> a message on its way to its partition
short_texts       what fits into a message beside its body
bulk_sending      many messages, fast and in order
answer_inbox      a client's private queue, and who waits for which answer
answer_stream     many commands under way, each with its answer
stock_view        StockView: stock levels in memory, coherent with what the workers commit
result_feed       everybody's results; repeat_window drops repeated ones
backoff           how long to wait before trying again; retrying does it
concurrency       coroutines side by side
broker            the only room that knows aio-pika
order_log         files of orders, for `order-publisher import`
command_line      the verbs of `order-publisher`
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
    LedgerRefused,
    NotInLedger,
    OrderError,
    Unroutable,
    VersionNotSeen,
)
from publisher.stock_view.counters import StockViewCounters
from publisher.stock_view.reading import StockReading
from publisher.stock_view.view import StockView

__all__ = [
    "AnswerTimeout",
    "Answered",
    "BrokerRefused",
    "BrokerUnavailable",
    "ClientClosed",
    "DatabaseUnavailable",
    "InvalidInput",
    "LedgerRefused",
    "NotInLedger",
    "OrderClient",
    "OrderError",
    "OrderRecords",
    "StockLevel",
    "StockReading",
    "StockView",
    "StockViewCounters",
    "Unroutable",
    "VersionNotSeen",
]
