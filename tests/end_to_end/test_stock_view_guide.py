"""The web handler in the guide works as it stands there."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.end_to_end.shop import LiveShop
from tests.services.ports import LOOPBACK

GUIDE = Path(__file__).parents[2] / "docs" / "stock-view.md"


async def test_the_web_handler_of_the_guide_shows_and_sells(shop: LiveShop, http_port: int) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock("85123A", 1, user="warehouse")
    async with _serving(shop, http_port):
        assert await _asked(http_port, "GET") == (200, {"available": 1, "stale": False})
        assert await _asked(http_port, "POST") == (200, {"bought": 1, "available": 0})
        assert await _asked(http_port, "GET") == (200, {"available": 0, "stale": False})
        status, body = await _asked(http_port, "POST")
        assert (status, list(body)) == (409, ["error"])


@asynccontextmanager
async def _serving(shop: LiveShop, port: int) -> AsyncIterator[Process]:
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", program, shop.amqp_url, shop.database_url, str(port)),
        cwd=GUIDE.parents[1],
        env={**os.environ, "ORDERS_PARTITIONS": str(shop.partition_count)},
        stdout=PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"serving\n"
        yield process
    finally:
        process.kill()
        await process.communicate()


async def _asked(port: int, method: str) -> tuple[int, dict[str, Any]]:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(f"{method} /stock/85123A HTTP/1.0\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    return int(head.split()[1]), json.loads(body)
