"""A clock goes on for as long as the session lasts, whatever happens at one tick."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from publisher.errors import OrderError
from worker.event_store import EventStoreError

_log = structlog.get_logger()


async def tick_for_ever(tick: Callable[[], Awaitable[None]], interval_seconds: float, *, name: str) -> None:
    """Call `tick` again and again until cancelled; a server that is away is asked again at the next one."""
    while True:
        try:
            await tick()
        except (EventStoreError, OrderError) as error:
            _log.warning(f"{name}.failed", error=str(error) or type(error).__name__)
        except Exception:  # noqa: BLE001 - reported with its traceback; a bug here must not stop the lanes
            _log.exception(f"{name}.crashed")
        await asyncio.sleep(interval_seconds)
