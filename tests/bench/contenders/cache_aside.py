"""What one would write instead of a stock view: cache-aside in Redis, with a time to live.

Look in Redis; where it is not there, read the stock row and put it there. Redis
speaks a protocol that needs no library.
"""

import asyncio
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import asyncpg

TIME_TO_LIVE_SECONDS = 1
CONNECTIONS = 4

_STOCK = "SELECT on_hand - reserved AS available, version FROM stock_levels WHERE sku = $1 AND location = 'main'"


class CachedLevel(NamedTuple):
    """What the cache holds of a SKU."""

    sku: str
    available: int
    version: int


class CacheAside:
    """A cache that every application process shares."""

    def __init__(self, redis_url: str, database_url: str) -> None:
        parts = urlsplit(redis_url)
        self._address = (parts.hostname, parts.port)
        self._database_url = database_url
        self._pool: Any = None
        self._streams: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self.hits = 0
        self.misses = 0

    async def __aenter__(self) -> Self:
        self._pool = await asyncpg.create_pool(self._database_url, min_size=CONNECTIONS, max_size=CONNECTIONS)
        for _ in range(CONNECTIONS):
            self._streams.put_nowait(await asyncio.open_connection(*self._address))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while not self._streams.empty():
            _, writer = self._streams.get_nowait()
            writer.close()
        await self._pool.close()

    async def get(self, sku: str) -> CachedLevel:
        """Return what is cached, else what the database says, which is then cached."""
        cached = await self._command("GET", sku)
        if cached is not None:
            self.hits += 1
            available, version = cached.split()
            return CachedLevel(sku, int(available), int(version))
        self.misses += 1
        row = await self._pool.fetchrow(_STOCK, sku)
        level = CachedLevel(sku, *(row or (0, 0)))
        await self._command("SET", sku, f"{level.available} {level.version}", "EX", str(TIME_TO_LIVE_SECONDS))
        return level

    async def _command(self, *words: str) -> str | None:
        reader, writer = await self._streams.get()
        try:
            writer.write(f"*{len(words)}\r\n".encode() + b"".join(_bulk(word.encode()) for word in words))
            line = await reader.readline()
            if not line.startswith(b"$"):
                return None
            size_bytes = int(line[1:])
            return None if size_bytes < 0 else (await reader.readexactly(size_bytes + 2))[:-2].decode()
        finally:
            self._streams.put_nowait((reader, writer))


def _bulk(word: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(word), word)
