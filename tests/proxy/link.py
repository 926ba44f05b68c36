"""One client's connection through the proxy."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass

CHUNK_BYTES = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, for zero seconds: closing sends a reset instead of an orderly end."""


@dataclass(slots=True)
class Network:
    """What happens to bytes on the way, now; every link looks here for each chunk."""

    latency_seconds: float = 0.0
    swallows: bool = False


class Link:
    """Carries bytes between a client and the server until either ends or breaks."""

    def __init__(self, client: tuple[StreamReader, StreamWriter], network: Network) -> None:
        self._client_reader, self._client_writer = client
        self._writers = [self._client_writer]
        self._network = network

    async def carry(self, upstream_host: str, upstream_port: int) -> None:
        """Connect to the server, and return when both directions have ended."""
        try:
            reader, writer = await asyncio.open_connection(upstream_host, upstream_port)
            self._writers.append(writer)
            async with asyncio.TaskGroup() as directions:
                directions.create_task(self._pump(self._client_reader, writer))
                directions.create_task(self._pump(reader, self._client_writer))
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
            if not writer.is_closing():  # a closed socket has no options any more
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()

    async def _pump(self, reader: StreamReader, writer: StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if self._network.latency_seconds:
                await asyncio.sleep(self._network.latency_seconds)
            if not self._network.swallows:
                writer.write(chunk)
                await writer.drain()
        writer.write_eof()
