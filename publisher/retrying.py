"""Waiting for a broker that is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from publisher.backoff import Backoff
from publisher.errors import BrokerUnavailable

_logger = logging.getLogger(__name__)

T = TypeVar("T")


async def retry_while_unavailable(attempt: Callable[[], Awaitable[T]], backoff: Backoff) -> T:
    """Return what `attempt` returns, trying again after every `BrokerUnavailable`, for ever.

    Other errors are raised at once. Bound it with `asyncio.timeout`.
    """
    delays_seconds = backoff.delays_seconds()
    while True:
        try:
            return await attempt()
        except BrokerUnavailable as error:
            delay_seconds = next(delays_seconds)
            _logger.info("%s; trying again in %.1f s", error, delay_seconds)
            await asyncio.sleep(delay_seconds)


async def retry_within(attempt: Callable[[], Awaitable[T]], backoff: Backoff, timeout_seconds: float) -> T:
    """Do as `retry_while_unavailable`, but raise `BrokerUnavailable` after `timeout_seconds`."""
    try:
        async with asyncio.timeout(timeout_seconds):
            return await retry_while_unavailable(attempt, backoff)
    except TimeoutError as error:
        raise BrokerUnavailable(f"the broker did not confirm within {timeout_seconds:g} s") from error
