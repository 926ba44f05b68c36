"""A TCP proxy between a client and a server, that a test can turn into a bad network."""

import asyncio
from asyncio import StreamReader, StreamWriter
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.proxy.link import Address, Direction, Link, Network
from tests.services.ports import LOOPBACK, ReservedPort


class Proxy:
    """Listens on a port of its own and passes everything on to one server.

    `async with Proxy(host, port) as proxy:`, then give `proxy.url(server_url)` to the
    client. The port stays the same through `refuse` and `heal`.
    """

    def __init__(self, upstream_host: str, upstream_port: int, *others: Address) -> None:
        """`others` are servers that a new connection goes to when the ones before do not answer."""
        self.port = 0
        """Where it listens, from entering the block on."""
        self._servers = [(upstream_host, upstream_port), *others]
        self._network = Network()
        self._network.passes_on.set()
        self._reserved: ReservedPort | None = None
        self._server: asyncio.Server | None = None
        self._links: dict[Link, asyncio.Task[None]] = {}
        self._links_changed = asyncio.Event()

    @classmethod
    def to(cls, url: str, *others: str) -> Self:
        """Return a proxy to the server in a URL, which must name its port, or to one of `others`."""
        return cls(*_address(url), *map(_address, others))

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
        self._network.swallows = frozenset(Direction)

    def black_hole_replies(self) -> None:
        """Pass on what clients say, and swallow what the server answers."""
        self._network.swallows = frozenset({Direction.TO_CLIENT})

    def half_open(self) -> None:
        """Break every connection on the server's side only: the client waits for answers that never come."""
        for link in self._links:
            link.half_open()

    def hold(self) -> None:
        """Take nothing more from clients until healed, as a broker does that is short of memory."""
        self._network.passes_on.clear()

    def cut_inside(self, direction: Direction) -> None:
        """Pass half of the next chunk on in `direction`, and reset the connection it came by."""
        self._network.cuts_inside = direction

    @property
    def waits_to_cut(self) -> bool:
        """Whether no chunk has come since `cut_inside`."""
        return self._network.cuts_inside is not None

    async def heal(self) -> None:
        """Serve new connections. Those that lost bytes in a black hole, or are half open, are reset."""
        for link in self._links:
            if self._network.swallows or link.is_half_open:
                link.reset()
        self._network.swallows = frozenset()
        self._network.cuts_inside = None
        self._network.passes_on.set()
        await self._listen()

    async def has_connections(self, count: int) -> None:
        """Wait until it carries `count` connections."""
        while len(self._links) != count:
            self._links_changed.clear()
            await self._links_changed.wait()

    async def __aenter__(self) -> Self:
        self._reserved = ReservedPort()
        self.port = self._reserved.number
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
        if self._reserved is not None:
            self._reserved.close()

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        link = Link((reader, writer), self._network)
        task = asyncio.get_running_loop().create_task(link.carry(self._servers))
        self._links[link] = task
        self._links_changed.set()
        task.add_done_callback(lambda _task: self._end(link))

    def _end(self, link: Link) -> None:
        del self._links[link]
        self._links_changed.set()
        link.close()  # a task that is cancelled before it began has closed nothing


def _address(url: str) -> Address:
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise ValueError(f"a proxy needs a URL with host and port, and this {parts.scheme} URL lacks one")
    return parts.hostname, parts.port
