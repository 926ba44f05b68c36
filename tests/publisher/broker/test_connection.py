"""Whoever gives up on a connection, at whatever moment, is let go and leaves nothing open."""

import asyncio

from publisher.broker.connection import connect, hang_up
from tests.proxy import Proxy

HEARTBEAT_SECONDS = 60
END_TIMEOUT_SECONDS = 30.0


async def test_a_caller_that_does_not_wait_for_the_close_leaves_nothing_open(amqp_url: str) -> None:
    async with Proxy.to(amqp_url) as proxy:
        before = asyncio.all_tasks()
        connection = await connect(proxy.url(amqp_url), name="test", heartbeat_seconds=HEARTBEAT_SECONDS)
        ours = asyncio.all_tasks() - before
        proxy.black_hole()
        closing = asyncio.create_task(hang_up(connection))
        await asyncio.wait({closing}, timeout=0)
        closing.cancel()
        of_the_proxy = {task for task in ours if "proxy" in repr(task.get_coro())}
        _, left = await asyncio.wait((ours - of_the_proxy) | {closing}, timeout=END_TIMEOUT_SECONDS)
        assert not left
