"""Each way of breaking a connection, to either server, for one client."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from tests.faults.cluster.cluster import Cluster
from tests.faults.cluster.polling import poll_until
from tests.faults.cluster.settings import HEARTBEAT_SECONDS
from tests.faults.kinds.kind import Facts, Kind, NotReached, one_worker, seat_of
from tests.proxy import Direction, Proxy

LATENCY_SECONDS = 0.2
BAD_SECONDS = 2.0
SILENT_SECONDS = 2.5 * HEARTBEAT_SECONDS
"""Longer than the broker's clients wait for a sign of life."""
CUT_TIMEOUT_SECONDS = 5.0

Break = Callable[[Proxy], Awaitable[None]]


async def _slow(proxy: Proxy) -> None:
    proxy.delay(LATENCY_SECONDS)
    await asyncio.sleep(BAD_SECONDS)
    proxy.delay(0)


async def _reset(proxy: Proxy) -> None:
    proxy.cut()


async def _refuse(proxy: Proxy) -> None:
    proxy.refuse()
    await asyncio.sleep(BAD_SECONDS)


async def _black_hole(proxy: Proxy) -> None:
    proxy.black_hole()
    await asyncio.sleep(SILENT_SECONDS)


async def _lose_replies(proxy: Proxy) -> None:
    proxy.black_hole_replies()
    await asyncio.sleep(SILENT_SECONDS)


async def _half_open(proxy: Proxy) -> None:
    proxy.half_open()
    await asyncio.sleep(SILENT_SECONDS)


async def _cut_inside(direction: Direction, proxy: Proxy) -> None:
    proxy.cut_inside(direction)
    if not await poll_until(lambda: not proxy.waits_to_cut, CUT_TIMEOUT_SECONDS):
        raise NotReached("nothing came by")


BREAKS: dict[str, Break] = {
    "slow": _slow,
    "reset": _reset,
    "refused": _refuse,
    "black_hole": _black_hole,
    "replies_lost": _lose_replies,
    "half_open": _half_open,
    "cut_inside_request": partial(_cut_inside, Direction.TO_SERVER),
    "cut_inside_reply": partial(_cut_inside, Direction.TO_CLIENT),
}


async def _to_broker(way: Break, cluster: Cluster, target: int) -> Facts:
    """Break the way of one worker, of the publishers, or of the consumers."""
    wires = cluster.wires
    return await _broken(way, wires[target % len(wires)].broker)


async def _to_database(way: Break, cluster: Cluster, target: int) -> Facts:
    return await _broken(way, seat_of(cluster, target).wires.database)


async def _broken(way: Break, proxy: Proxy) -> Facts:
    try:
        await way(proxy)
    finally:
        await proxy.heal()
    return {}


def _broker_wire(cluster: Cluster, target: int) -> tuple[str, ...]:
    return (f"broker wire {target % len(cluster.wires)}",)


NETWORK_KINDS = (
    *(Kind(f"network.broker_{name}", partial(_to_broker, way), _broker_wire, weight=3) for name, way in BREAKS.items()),
    *(
        # One that is stopped in vain has its own way to the database broken, so they exclude each other.
        Kind(f"network.database_{name}", partial(_to_database, way), one_worker, weight=3)
        for name, way in BREAKS.items()
    ),
)
