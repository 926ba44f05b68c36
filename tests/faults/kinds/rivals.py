"""Two workers that each believe to be the owner of a partition, and go on one after the other."""

import asyncio
import signal

from tests.faults.cluster.cluster import Cluster
from tests.faults.cluster.settings import HEARTBEAT_SECONDS
from tests.faults.kinds.kind import Facts, Kind, NotReached, all_workers, seat_of
from tests.faults.kinds.worker import REACH_SECONDS, hang_at
from tests.faults.subject.points import Action, Point

WATCHED_SECONDS = 0.75 * HEARTBEAT_SECONDS
"""The broker gives an owner up after one heartbeat to one and a half, and its successors claim at once."""
REPLACED_SECONDS = 4 * HEARTBEAT_SECONDS
"""By then a hung owner has a successor."""


AWAKE_SECONDS = 0.3
"""Enough for the statement that an owner had in mind when it fell."""


async def _rivals(cluster: Cluster, target: int) -> Facts:
    """Hang one with a batch decided, then all its successors with theirs, and let them go on in the order they fell."""
    first, *others = (seat_of(cluster, target + number) for number in range(len(cluster.seats)))
    owner = first.process
    await hang_at(first, Point.BEFORE_STATEMENT)
    successors = [seat.process for seat in others]
    try:
        # They get the trap shortly before the owner is given up, or it springs on partitions of their own.
        await asyncio.sleep(WATCHED_SECONDS)
        for seat in others:
            seat.order(lay=Point.CLAIMED, action=Action.STOP)
        stopped = await asyncio.gather(*(each.stopped_within(REPLACED_SECONDS + REACH_SECONDS) for each in successors))
    finally:
        owner.signal(signal.SIGCONT)
        await asyncio.sleep(AWAKE_SECONDS)
        owner.signal(signal.SIGKILL)  # or it would come back for its partitions before the successor has gone on
        for seat, process in zip(others, successors, strict=True):
            process.signal(signal.SIGCONT)
            seat.order(clear=True)
    if not any(stopped):
        raise NotReached("nobody took over while the owner hung")
    return {"seat": first.number}


RIVAL_KINDS = (Kind("worker.rivals", _rivals, all_workers, weight=1),)
