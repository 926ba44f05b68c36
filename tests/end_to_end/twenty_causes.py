"""Ten thousand messages that nobody can process, of twenty causes."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

import aio_pika

from schemas.names import COMMANDS_EXCHANGE, DEAD_LETTERS_EXCHANGE
from schemas.partitions import partition_of, partition_routing_key
from tests.end_to_end.ailing_worker import ILL
from tests.end_to_end.publishing import Publisher, command
from tests.end_to_end.shop import LiveShop
from tests.end_to_end.test_collecting import until_ready

Fields = dict[str, Any]

PARTS = ("rounding", "sorting", "pricing", "parsing", "merging", "counting", "packing", "billing")
"""Of the worker, each with a bug of its own."""

FAILED, FOLLOWERS, INVALID = 8 * 500, 1_000, 8 * 500
MISROUTED, EXPIRED, BY_HAND = 500, 300, 200
LETTERS = FAILED + FOLLOWERS + INVALID + MISROUTED + EXPIRED + BY_HAND
CAUSES = len(PARTS) + 1 + 8 + 3

IN_FLIGHT = 500

_WRONG: Sequence[Fields | bytes] = (
    {"quantity": "three"},
    {"quantity": None},
    {"user": None},
    {"colour": "red"},
    {"type": "buy"},
    {"command_id": "order 7"},
    {"sku": ""},
    b"no JSON",
)
"""How commands differ from valid ones; where a field is None it is missing."""


class TwentyCauses:
    """The messages, each of the commands about an SKU of its own or of one that fails."""

    def __init__(self) -> None:
        self.failing = [command("restock", f"F{number}", 1, reason=_illness(number)) for number in range(FAILED)]
        self.followers = [command("purchase", f"F{number}", 1) for number in range(FOLLOWERS)]
        self.misrouted = _restocks("M", MISROUTED)
        self.expired = _restocks("E", EXPIRED)
        self.by_hand = _restocks("H", BY_HAND)

    @property
    def commands(self) -> list[Fields]:
        """All that can be applied once the worker is mended."""
        return [*self.failing, *self.followers, *self.misrouted, *self.expired, *self.by_hand]

    async def expire(self, shop: LiveShop) -> None:
        """Let the broker give up what expires; no worker may be at work."""
        await self._send(shop, self.expired, expiration=0.001)
        await until_ready(shop, lambda ready: ready == EXPIRED)

    async def send(self, shop: LiveShop) -> None:
        """Send the others."""
        await self._send(shop, self.failing)
        await self._send(shop, self.followers)
        async with await aio_pika.connect(shop.amqp_url) as connection:
            channel = await connection.channel()
            commands = Publisher(await channel.get_exchange(COMMANDS_EXCHANGE), shop.partition_count)
            dead_letters = Publisher(await channel.get_exchange(DEAD_LETTERS_EXCHANGE), shop.partition_count)
            await _all(commands.send_body(_spoilt(number), "partition.00") for number in range(INVALID))
            await _all(
                commands.send_body(json.dumps(fields).encode(), _wrong_key(fields["sku"], shop.partition_count))
                for fields in self.misrouted
            )
            await _all(dead_letters.send(fields) for fields in self.by_hand)

    async def _send(self, shop: LiveShop, commands: Iterable[Fields], **properties: Any) -> None:
        async with shop.publisher() as publisher:
            await _all(publisher.send(fields, **properties) for fields in commands)


async def _all(sendings: Iterable[Any]) -> None:
    waiting = list(sendings)
    for start in range(0, len(waiting), IN_FLIGHT):
        await asyncio.gather(*waiting[start : start + IN_FLIGHT])


def _illness(number: int) -> str:
    return f"{ILL}: {PARTS[number % len(PARTS)]}"


def _restocks(prefix: str, count: int) -> list[Fields]:
    return [command("restock", f"{prefix}{number}", 1) for number in range(count)]


def _spoilt(number: int) -> bytes:
    wrong = _WRONG[number % len(_WRONG)]
    if isinstance(wrong, bytes):
        return wrong + b" %d" % number
    fields = command("restock", f"I{number}", 1, command_id=str(uuid4())) | wrong
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def _wrong_key(sku: str, partition_count: int) -> str:
    return partition_routing_key((partition_of(sku, partition_count) + 1) % partition_count)
