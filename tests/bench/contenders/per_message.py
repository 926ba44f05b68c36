"""One transaction per command: lock the stock row, decide, write, commit; then answer, then acknowledge.

What most would write first. It validates as the worker does, answers a
duplicate with the stored answer, and keeps stock, answers and an audit, but no
events. Its commands overtake each other: it does not promise an order.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import aio_pika
import asyncpg
import uvloop
from aio_pika.abc import AbstractIncomingMessage

from schemas import Outcome, Reason, Restock, Result, StockCommand, encode_result, parse_command, reply_routing_key
from schemas.names import JSON_CONTENT_TYPE, REPLIES_EXCHANGE
from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_queue
from schemas.results import parse_result
from tests.bench.contenders.stopping import until_terminated

PREFETCH_COMMANDS = 4
"""For each queue; `tests.bench.tuning` finds it."""

CONNECTIONS = 8
"""Transactions at once; `tests.bench.tuning` finds it."""


async def main(prefetch_commands: int = PREFETCH_COMMANDS, connections: int = CONNECTIONS) -> None:
    broker = await aio_pika.connect(os.environ["ORDERS_AMQP_URL"])
    pool = asyncpg.create_pool(os.environ["ORDERS_DATABASE_URL"], min_size=connections, max_size=connections)
    async with broker, pool:
        await pool.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
        channel = await broker.channel()
        await channel.set_qos(prefetch_count=prefetch_commands)
        replies = await channel.get_exchange(REPLIES_EXCHANGE)

        async def process(message: AbstractIncomingMessage) -> None:
            command = parse_command(message.body)
            assert isinstance(command, StockCommand)
            async with pool.acquire() as connection, connection.transaction():
                result = await settle(connection, command)
            answer = aio_pika.Message(
                encode_result(result),
                content_type=JSON_CONTENT_TYPE,
                correlation_id=message.correlation_id,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            routing_key = reply_routing_key(message.reply_to, result.outcome, result.type, result.sku)
            await replies.publish(answer, routing_key)
            await message.ack()

        for partition in range(DEFAULT_PARTITION_COUNT):
            queue = await channel.get_queue(partition_queue(partition))
            await queue.consume(process)
        await until_terminated()


async def settle(connection: asyncpg.Connection, command: StockCommand) -> Result:
    stored = await connection.fetchval("SELECT answer FROM answered_commands WHERE command_id = $1", command.command_id)
    if stored is not None:
        return parse_result(stored)
    result = await decide(connection, command)
    await connection.execute(
        "INSERT INTO answered_commands (command_id, answer) VALUES ($1, $2)",
        command.command_id,
        encode_result(result).decode(),
    )
    return result


async def decide(connection: asyncpg.Connection, command: StockCommand) -> Result:
    on_hand = await locked_stock(connection, command.sku)
    units = command.quantity or 0
    delta = units if isinstance(command, Restock) else -units
    if on_hand + delta < 0:
        return answer_to(command, on_hand, Reason.INSUFFICIENT_STOCK)
    balance = on_hand + delta
    await connection.execute("UPDATE stock SET on_hand = $2 WHERE sku = $1", command.sku, balance)
    await connection.execute(
        'INSERT INTO stock_audit ("user", command_id, sku, delta, balance) VALUES ($1, $2, $3, $4, $5)',
        command.user,
        command.command_id,
        command.sku,
        delta,
        balance,
    )
    return answer_to(command, balance, None)


async def locked_stock(connection: asyncpg.Connection, sku: str) -> int:
    lock = "SELECT on_hand FROM stock WHERE sku = $1 FOR UPDATE"
    on_hand = await connection.fetchval(lock, sku)
    if on_hand is None:
        await connection.execute("INSERT INTO stock (sku, on_hand) VALUES ($1, 0) ON CONFLICT DO NOTHING", sku)
        on_hand = await connection.fetchval(lock, sku)
    return int(on_hand)


def answer_to(command: StockCommand, on_hand: int, reason: Reason | None) -> Result:
    return Result(
        command_id=command.command_id,
        outcome=Outcome.APPLIED if reason is None else Outcome.REJECTED,
        type=command.type,
        sku=command.sku,
        location=command.location,
        quantity=command.quantity,
        reason=reason,
        message=None if reason is None else f"{command.quantity} wanted, {on_hand} available",
        on_hand=on_hand,
        reserved=0,
        available=on_hand,
        user=command.user,
        committed_at=datetime.now(UTC),
    )


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:])))
