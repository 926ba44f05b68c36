"""One client's connection through the proxy."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto

CHUNK_BYTES = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, for zero seconds: closing sends a reset instead of an orderly end."""


Address = tuple[str, int]


class Direction(Enum):
    """Which way bytes go."""

    TO_SERVER = auto()
    TO_CLIENT = auto()


@dataclass(slots=True)
class Network:
    """What happens to bytes on the way, now; every link looks here for each chunk."""

    latency_seconds: float = 0.0
    swallows: frozenset[Direction] = frozenset()
    cuts_inside: Direction | None = None
    """The next chunk this way is passed on by half, and its connection reset."""
    passes_on: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether what clients say goes on; until it does, no more is taken from them than is at hand."""


class Link:
    """Carries bytes between a client and the server until either ends or breaks."""

    def __init__(self, client: tuple[StreamReader, StreamWriter], network: Network) -> None:
        self._client_reader, self._client_writer = client
        self._writers = [self._client_writer]
        self.is_half_open = False
        """Whether the client is connected to nobody any more, without knowing."""
        self._network = network

    async def carry(self, servers: Sequence[Address]) -> None:
        """Connect to the first of `servers` that answers, and return when both directions have ended."""
        try:
            reader, writer = await _connect(servers)
            self._writers.append(writer)
            async with asyncio.TaskGroup() as directions:
                directions.create_task(self._pump(self._client_reader, writer, Direction.TO_SERVER))
                directions.create_task(self._pump(reader, self._client_writer, Direction.TO_CLIENT))
        except* OSError:  # a broken side is this proxy's trade: the other one learns of it by a reset
            self.reset()
        finally:
            self.close()

    def close(self) -> None:
        """End the connection to both sides in order."""
        for writer in self._writers:
            writer.close()

    def reset(self) -> None:
        """Break the connection to both sides."""
        for writer in self._writers:
            _reset(writer)

    def half_open(self) -> None:
        """Break the connection to the server; the client is not told, and speaks to nobody."""
        self.is_half_open = True
        for writer in self._writers[1:]:
            _reset(writer)

    async def _pump(self, reader: StreamReader, writer: StreamWriter, direction: Direction) -> None:
        while chunk := await self._read(reader):
            if direction is Direction.TO_SERVER:
                await self._network.passes_on.wait()
            if self._network.latency_seconds:
                await asyncio.sleep(self._network.latency_seconds)
            if self.is_half_open or direction in self._network.swallows:
                continue
            if self._network.cuts_inside is direction and len(chunk) > 1:
                self._network.cuts_inside = None
                writer.write(chunk[: len(chunk) // 2])
                await writer.drain()
                raise ConnectionResetError("cut inside a chunk")
            writer.write(chunk)
            await writer.drain()
        if not self.is_half_open:
            writer.write_eof()

    async def _read(self, reader: StreamReader) -> bytes:
        try:
            return await reader.read(CHUNK_BYTES)
        except OSError:
            if self.is_half_open:  # by us, and nobody is to learn of it
                return b""
            raise


async def _connect(servers: Sequence[Address]) -> tuple[StreamReader, StreamWriter]:
    for host, port in servers[:-1]:
        with suppress(OSError):
            return await asyncio.open_connection(host, port)
    return await asyncio.open_connection(*servers[-1])


def _reset(writer: StreamWriter) -> None:
    if not writer.is_closing():  # a closed socket has no options any more
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()
