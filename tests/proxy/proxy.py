"""A TCP proxy between a client and a server, that a test can turn into a bad network."""

import asyncio
from asyncio import StreamReader, StreamWriter
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.proxy.link import Link, Network

LOOPBACK = "127.0.0.1"


class Proxy:
    """Listens on a port of its own and passes everything on to one server.

    `async with Proxy(host, port) as proxy:`, then give `proxy.url(server_url)` to the
    client. The port stays the same through `refuse` and `heal`.
    """

    def __init__(self, upstream_host: str, upstream_port: int) -> None:
        self.port = 0
        """Where it listens, from entering the block on."""
        self._upstream = (upstream_host, upstream_port)
        self._network = Network()
        self._server: asyncio.Server | None = None
        self._links: dict[Link, asyncio.Task[None]] = {}

    @classmethod
    def to(cls, url: str) -> Self:
        """Return a proxy to the server in a URL, which must name its port."""
        parts = urlsplit(url)
        if parts.hostname is None or parts.port is None:
            raise ValueError(f"a proxy needs a URL with host and port, and this {parts.scheme} URL lacks one")
        return cls(parts.hostname, parts.port)

    def url(self, original_url: str) -> str:
        """Return the URL with this proxy in the place of the server."""
        parts = urlsplit(original_url)
        credentials, separator, _address = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{credentials}{separator}{LOOPBACK}:{self.port}").geturl()

    def delay(self, latency_seconds: float) -> None:
        """Hold each chunk of bytes back this long, in either direction, from now on."""
        self._network.latency_seconds = latency_seconds

    def cut(self) -> None:
        """Reset every connection; new ones are served as before."""
        for link in self._links:
            link.reset()

    def refuse(self) -> None:
        """Reset every connection and refuse new ones, as if the server were down."""
        self._stop_listening()
        self.cut()

    def black_hole(self) -> None:
        """Accept whoever connects and swallow every byte, both ways, as a dead route does."""
        self._network.swallows = True

    async def heal(self) -> None:
        """Serve new connections. Those that lost bytes in a black hole are reset."""
        if self._network.swallows:
            self.cut()
        self._network.swallows = False
        await self._listen()

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.refuse()
        tasks = list(self._links.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        link = Link((reader, writer), self._network)
        task = asyncio.get_running_loop().create_task(link.carry(*self._upstream))
        self._links[link] = task
        task.add_done_callback(lambda _task: self._end(link))

    def _end(self, link: Link) -> None:
        del self._links[link]
        link.close()  # a task that is cancelled before it began has closed nothing
