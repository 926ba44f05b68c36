"""`python -m tests.end_to_end.buyer SKU COUNT`: buys single units, and prints every answer as JSON lines."""

import asyncio
import os
import sys
from collections.abc import Iterator
from uuid import uuid4

from publisher import OrderClient
from schemas import Purchase


async def main(sku: str, count: int) -> None:
    partition_count = int(os.environ["ORDERS_PARTITIONS"])
    async with OrderClient(os.environ["ORDERS_AMQP_URL"], name="buyer", partition_count=partition_count) as client:
        async for answered in client.request_many(_purchases(sku, count)):
            print(answered.result.model_dump_json())


def _purchases(sku: str, count: int) -> Iterator[Purchase]:
    for _ in range(count):
        yield Purchase(command_id=uuid4(), sku=sku, quantity=1, user=f"buyer {os.getpid()}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
