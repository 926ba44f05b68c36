"""The end of a contender."""

import asyncio
import signal


async def until_terminated() -> None:
    """Return when the process gets SIGTERM."""
    terminated = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminated.set)
    await terminated.wait()
