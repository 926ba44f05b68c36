"""The wire contract of order-worker: every message, name and number that crosses the broker.

commands        what may be asked; what makes two sendings the same command
order_commands  what may be asked about whole orders, and what orders ask of their SKUs
fields          the numbers, times and bases that commands are made of
results         what is answered, and under which routing key
reasons         the words an answer gives as its reason
texts           the texts in messages, and how long they may be
partitions      which partition a SKU or an order belongs to
names           exchanges and queues
dead_letters    the headers that say what was wrong
fingerprints    which dead letters have the same cause
explanations    a validation error as a sentence for the sender
json_schema     the same for other languages

Data only: it imports nothing of the worker or the publisher, opens nothing and
decides nothing. Other programs may depend on all of it.
"""

from schemas.commands import (
    Adjust,
    Command,
    Expire,
    Extend,
    Fulfil,
    Purchase,
    Release,
    ReservationCommand,
    Reserve,
    Restock,
    StockCommand,
    Transfer,
    encode_command,
    parse_command,
)
from schemas.explanations import explain
from schemas.order_commands import (
    CancelOrder,
    ExpireOrder,
    FulfilLine,
    LineCommand,
    OrderCommand,
    OrderLine,
    PlaceOrder,
    ReleaseLine,
    ReserveLine,
    SellLine,
)
from schemas.partitions import partition_of, partition_queue, partition_routing_key
from schemas.reasons import Reason
from schemas.results import LineResult, OrderResult, Outcome, Result, encode_result, parse_result, reply_routing_key

__all__ = [
    "Adjust",
    "CancelOrder",
    "Command",
    "Expire",
    "ExpireOrder",
    "Extend",
    "Fulfil",
    "FulfilLine",
    "LineCommand",
    "LineResult",
    "OrderCommand",
    "OrderLine",
    "OrderResult",
    "Outcome",
    "PlaceOrder",
    "Purchase",
    "Reason",
    "Release",
    "ReleaseLine",
    "ReservationCommand",
    "Reserve",
    "ReserveLine",
    "Restock",
    "Result",
    "SellLine",
    "StockCommand",
    "Transfer",
    "encode_command",
    "encode_result",
    "explain",
    "parse_command",
    "parse_result",
    "partition_of",
    "partition_queue",
    "partition_routing_key",
    "reply_routing_key",
]
