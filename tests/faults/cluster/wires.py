"""The proxies between one client and the servers."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from tests.proxy import Proxy


class Wires:
    """A way to the broker and one to the database, each of which can break for this client alone."""

    def __init__(self, amqp_urls: Sequence[str], database_url: str) -> None:
        """Of several nodes of the broker, a connection goes to the first that answers."""
        self.broker = Proxy.to(*amqp_urls)
        self.database = Proxy.to(database_url)
        self._urls = (amqp_urls[0], database_url)
        self._stack = AsyncExitStack()

    @property
    def amqp_url(self) -> str:
        """Where the client finds the broker."""
        return self.broker.url(self._urls[0])

    @property
    def database_url(self) -> str:
        """Where the client finds the database."""
        return self.database.url(self._urls[1])

    async def heal(self) -> None:
        """Let everything through, at once."""
        for proxy in (self.broker, self.database):
            proxy.delay(0)
            await proxy.heal()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.broker)
        await self._stack.enter_async_context(self.database)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()
