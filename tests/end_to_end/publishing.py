"""Messages as any program may send them, sound or not."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange
from aiormq.abc import ChannelFrame
from pamqp import commands as spec
from pamqp.body import ContentBody
from pamqp.frame import marshal
from pamqp.header import ContentHeader

from schemas.names import COMMANDS_EXCHANGE, JSON_CONTENT_TYPE
from schemas.partitions import partition_of, partition_routing_key


def command(kind: str, sku: str, quantity: int | None, **more: Any) -> dict[str, Any]:
    """Return a command's body under a new id."""
    fields: dict[str, Any] = {"type": kind, "command_id": str(uuid.uuid4()), "sku": sku, "user": "till-3"}
    return fields | ({} if quantity is None else {"quantity": quantity}) | more


class Publisher:
    """Publishes to the exchange of the commands and waits for each confirm."""

    def __init__(self, exchange: AbstractExchange, partition_count: int) -> None:
        self._exchange = exchange
        self._partition_count = partition_count

    async def send(self, fields: Mapping[str, Any], *, by_sku: bool = False, **properties: Any) -> None:
        """Send a command to its partition, or under its SKU for a worker to find that."""
        partition = partition_of(fields["sku"], self._partition_count)
        key = fields["sku"] if by_sku else partition_routing_key(partition)
        properties = {"correlation_id": fields["command_id"]} | properties
        await self.send_body(json.dumps(fields).encode(), key, **properties)

    async def send_body(self, body: bytes, routing_key: str, **properties: Any) -> None:
        """Send anything."""
        properties = {"content_type": JSON_CONTENT_TYPE, "reply_to": "till"} | properties
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, **properties)
        await self._exchange.publish(message, routing_key)


@asynccontextmanager
async def publisher(amqp_url: str, partition_count: int) -> AsyncIterator[Publisher]:
    """Give a publisher on a connection of its own."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel: AbstractChannel = await connection.channel()
        yield Publisher(await channel.get_exchange(COMMANDS_EXCHANGE), partition_count)


async def send_spoilt(amqp_url: str, routing_key: str, sound: bytes, spoilt: bytes, **properties: Any) -> None:
    """Send `rubbish`, replacing the bytes `sound` in its key and properties by as many that no library would write."""
    assert len(sound) == len(spoilt)
    async with await aio_pika.connect(amqp_url) as connection:
        channel: Any = await (await connection.channel()).get_underlay_channel()
        confirmed = asyncio.get_running_loop().create_future()
        channel.confirmations[1] = confirmed  # the first message of this channel
        header = ContentHeader(0, len(b"rubbish"), spec.Basic.Properties(**properties))
        frames = [
            marshal(spec.Basic.Publish(exchange=COMMANDS_EXCHANGE, routing_key=routing_key), channel.number),
            marshal(header, channel.number),
            marshal(ContentBody(b"rubbish"), channel.number),
        ]
        await channel.write_queue.put(ChannelFrame(payload=b"".join(frames).replace(sound, spoilt), should_close=False))
        await confirmed
