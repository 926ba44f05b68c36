"""Reading a stock view while something else happens."""

import asyncio
import time

from publisher import StockView


async def read_for(view: StockView, sku: str, seconds: float) -> None:
    """Read all the time for so long; versions must not go back meanwhile."""
    end, version = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        reading = await view.get(sku)
        assert reading.version >= version
        version = reading.version
        await asyncio.sleep(0)
