"""Orders come on standard input, a line each."""

import asyncio
import sys


async def standard_input() -> asyncio.StreamReader:
    """Return a reader of it."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader
