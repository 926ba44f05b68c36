"""Workers that die, hang, stop, or are cancelled."""

import asyncio
import signal
import time
from functools import partial

from tests.faults.cluster.cluster import Cluster
from tests.faults.cluster.seat import Seat
from tests.faults.cluster.settings import HEARTBEAT_SECONDS, SHUTDOWN_SECONDS
from tests.faults.kinds.kind import Facts, Kind, NotReached, all_workers, one_worker, seat_of
from tests.faults.subject.points import Action, Point

REACH_SECONDS = 6.0
"""A worker at work comes by every point within a second; one that is just starting, within four."""

HANDOVER_SECONDS = 12.0
"""A worker that was asked to stop is back, and has its share again, after four."""

HANG_SECONDS = 3 * HEARTBEAT_SECONDS + 1.0
"""By then the broker has given the connection up, and another worker has the partitions."""


async def _killed(cluster: Cluster, target: int) -> Facts:
    seat = seat_of(cluster, target)
    process = seat.process
    process.signal(signal.SIGKILL)
    facts = {"seat": seat.number, "died_at": time.time()}
    await process.ended()
    return facts


async def _terminated(cluster: Cluster, target: int) -> Facts:
    seat = seat_of(cluster, target)
    process = seat.process
    process.signal(signal.SIGTERM)
    await process.ended_within(2 * SHUTDOWN_SECONDS)
    return {"seat": seat.number}


async def _killed_at(point: Point, cluster: Cluster, target: int, within_seconds: float = REACH_SECONDS) -> Facts:
    seat = seat_of(cluster, target)
    process = seat.process
    seat.order(lay=point, action=Action.KILL)
    if not await process.ended_within(within_seconds):
        seat.order(clear=True)
        raise NotReached(f"{seat.name} did not come to {point}")
    return {"seat": seat.number, "died_at": time.time()}


async def _killed_in_handover(cluster: Cluster, target: int) -> Facts:
    """Let another one leave and come back: what this one took over meanwhile, it then hands over."""
    seat_of(cluster, target + 1).process.signal(signal.SIGTERM)
    await asyncio.sleep(0.5)
    return await _killed_at(Point.HANDOVER, cluster, target, HANDOVER_SECONDS)


async def _hung(cluster: Cluster, target: int) -> Facts:
    seat = seat_of(cluster, target)
    process = seat.process
    process.signal(signal.SIGSTOP)
    await asyncio.sleep(HANG_SECONDS)
    process.signal(signal.SIGCONT)
    return {"seat": seat.number}


async def _hung_at(point: Point, cluster: Cluster, target: int) -> Facts:
    seat = seat_of(cluster, target)
    process = seat.process
    await hang_at(seat, point)
    await asyncio.sleep(HANG_SECONDS)
    process.signal(signal.SIGCONT)
    return {"seat": seat.number}


async def hang_at(seat: Seat, point: Point) -> None:
    """Return when the worker at `seat` hangs at `point`."""
    seat.order(lay=point, action=Action.STOP)
    if not await seat.process.stopped_within(REACH_SECONDS):
        seat.order(clear=True)
        raise NotReached(f"{seat.name} did not come to {point}")


async def _cancelled(cluster: Cluster, target: int) -> Facts:
    """Cancel the task of a lane while its statement runs."""
    seat = seat_of(cluster, target)
    seat.order(lay=Point.INSIDE_STATEMENT, action=Action.CANCEL)
    await asyncio.sleep(1.0)
    return {"seat": seat.number}


async def _stopped_in_vain(cluster: Cluster, target: int) -> Facts:
    """Ask a worker to stop whose database says nothing: its time is up before its statements end."""
    seat = seat_of(cluster, target)
    process = seat.process
    seat.wires.database.black_hole()
    await asyncio.sleep(0.3)
    process.signal(signal.SIGTERM)
    ended = await process.ended_within(3 * SHUTDOWN_SECONDS)
    await seat.wires.database.heal()
    if not ended:
        raise NotReached(f"{seat.name} did not stop")
    return {"seat": seat.number}


WORKER_KINDS = (
    Kind("worker.killed", _killed, one_worker, weight=10),
    Kind("worker.terminated", _terminated, one_worker, weight=6),
    Kind("worker.hung", _hung, one_worker, weight=3),
    Kind("worker.hung_before_statement", partial(_hung_at, Point.BEFORE_STATEMENT), one_worker, weight=3),
    Kind("worker.hung_when_committed", partial(_hung_at, Point.COMMITTED), one_worker, weight=2),
    Kind("worker.cancelled_inside_statement", _cancelled, one_worker),
    Kind("worker.stopped_in_vain", _stopped_in_vain, one_worker, weight=1),
    Kind("worker.killed_in_handover", _killed_in_handover, all_workers, weight=3),
    *(
        Kind(f"worker.killed_at_{point}", partial(_killed_at, point), one_worker)
        for point in Point
        if point is not Point.HANDOVER
    ),
)
