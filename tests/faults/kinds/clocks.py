"""Clocks that are wrong."""

import asyncio
from functools import partial

from tests.faults.cluster.cluster import Cluster
from tests.faults.kinds.kind import Facts, Kind, one_worker, seat_of

STEP_SECONDS = 20.0
WRONG_SECONDS = 3.0


async def _stepped(offset_seconds: float, cluster: Cluster, target: int) -> Facts:
    seat = seat_of(cluster, target)
    seat.order(clock=offset_seconds)
    await asyncio.sleep(WRONG_SECONDS)
    seat.order(clock=0.0)
    return {"seat": seat.number, "clock_seconds": offset_seconds}


CLOCK_KINDS = (
    Kind("worker.clock_ahead", partial(_stepped, STEP_SECONDS), one_worker, weight=2),
    Kind("worker.clock_behind", partial(_stepped, -STEP_SECONDS), one_worker, weight=2),
)
