import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import pytest

from tests.proxy import Direction, Proxy

Connection = tuple[StreamReader, StreamWriter]


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with server, Proxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


@pytest.fixture
async def connection(proxy: Proxy) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    assert await _echoed(reader, writer, b"hello") == b"hello"
    yield reader, writer
    writer.close()


async def test_it_ends_when_the_client_ends(connection: Connection) -> None:
    reader, writer = connection
    writer.write_eof()
    assert await reader.read() == b""


async def test_a_cut_resets_connections_and_serves_new_ones(proxy: Proxy, connection: Connection) -> None:
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await connection[0].read()
    assert await _echoed_anew(proxy) == b"hello"


async def test_it_refuses_until_it_is_healed(proxy: Proxy, connection: Connection) -> None:
    proxy.refuse()
    with pytest.raises(ConnectionResetError):
        await connection[0].read()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", proxy.port)
    await proxy.heal()
    assert await _echoed_anew(proxy) == b"hello"


async def test_a_black_hole_takes_bytes_and_gives_none(proxy: Proxy, connection: Connection) -> None:
    proxy.black_hole()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_echoed(*connection, b"lost"), 0.1)
    await proxy.heal()
    with pytest.raises(ConnectionResetError):
        await connection[0].read()
    assert await _echoed_anew(proxy) == b"hello"


async def test_replies_alone_can_be_lost(proxy: Proxy, connection: Connection) -> None:
    proxy.black_hole_replies()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_echoed(*connection, b"lost"), 0.1)
    await proxy.heal()
    assert await _echoed_anew(proxy) == b"hello"


async def test_a_half_open_connection_is_silent_until_it_is_healed(proxy: Proxy, connection: Connection) -> None:
    proxy.half_open()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_echoed(*connection, b"lost"), 0.1)
    assert await _echoed_anew(proxy) == b"hello"
    await proxy.heal()
    with pytest.raises(ConnectionResetError):
        await connection[0].read()


async def test_what_is_held_arrives_once_it_is_healed(proxy: Proxy, connection: Connection) -> None:
    proxy.hold()
    reading = asyncio.create_task(_echoed(*connection, b"held"))
    assert await asyncio.wait({reading}, timeout=0.1) == (set(), {reading})
    await proxy.heal()
    assert await reading == b"held"


async def test_it_counts_its_connections(proxy: Proxy, connection: Connection) -> None:
    await proxy.has_connections(1)
    connection[1].close()
    await proxy.has_connections(0)


@pytest.mark.parametrize("direction", Direction)
async def test_a_cut_inside_a_chunk_lets_at_most_half_of_it_arrive(
    proxy: Proxy, connection: Connection, direction: Direction
) -> None:
    reader, writer = connection
    proxy.cut_inside(direction)
    writer.write(b"halfway...")
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(len(b"halfway") - 1)
    assert await _echoed_anew(proxy) == b"hello"


async def test_latency_is_paid_in_each_direction(proxy: Proxy, connection: Connection) -> None:
    proxy.delay(0.05)
    start_seconds = asyncio.get_running_loop().time()
    assert await _echoed(*connection, b"late") == b"late"
    assert asyncio.get_running_loop().time() - start_seconds >= 0.1


async def test_a_url_keeps_all_but_the_address(proxy: Proxy) -> None:
    port = proxy.port
    assert proxy.url("amqp://guest:p%40ss@broker:5672/%2F?heartbeat=5") == (
        f"amqp://guest:p%40ss@127.0.0.1:{port}/%2F?heartbeat=5"
    )
    assert proxy.url("postgresql://[::1]:5432/orders") == f"postgresql://127.0.0.1:{port}/orders"


async def test_a_server_that_is_down_is_passed_over(proxy: Proxy) -> None:
    async with Proxy("127.0.0.1", 1, ("127.0.0.1", proxy.port)) as other:
        assert await _echoed_anew(other) == b"hello"


async def test_a_server_that_is_down_resets_the_client() -> None:
    async with Proxy.to("tcp://127.0.0.1:1") as proxy:
        reader, _writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises(ConnectionResetError):
            await reader.read()


def test_a_url_without_a_port_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks one"):
        Proxy.to("amqp://broker/")


async def _echo(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while chunk := await reader.read(1024):
            writer.write(chunk)
        writer.close()
    except ConnectionError:
        writer.transport.abort()


async def _echoed(reader: StreamReader, writer: StreamWriter, text: bytes) -> bytes:
    writer.write(text)
    return await reader.readexactly(len(text))


async def _echoed_anew(proxy: Proxy) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        return await _echoed(reader, writer, b"hello")
    finally:
        writer.close()
