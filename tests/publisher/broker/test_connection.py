"""A connection that cannot be had says why; whoever gives up on one is let go and leaves nothing open."""

import asyncio

import pytest
from yarl import URL

from publisher.broker.connection import connect, hang_up
from publisher.errors import BrokerUnavailable
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


@pytest.mark.parametrize("login", ["guest:secret-password", "nobody:secret-password"])
async def test_a_refused_login_is_explained_without_the_password(amqp_url: str, login: str) -> None:
    user, password = login.split(":")
    url = URL(amqp_url).with_user(user).with_password(password)
    with pytest.raises(BrokerUnavailable, match="ACCESS_REFUSED") as refused:
        await connect(str(url), name="test", heartbeat_seconds=10)
    assert "secret-password" not in str(refused.value)


async def test_a_refused_virtual_host_is_explained(amqp_url: str) -> None:
    with pytest.raises(BrokerUnavailable, match="/nowhere: it refused the virtual host: it may not exist"):
        await connect(str(URL(amqp_url).with_path("/nowhere")), name="test", heartbeat_seconds=10)
