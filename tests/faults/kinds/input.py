"""What careless publishers send."""

import asyncio
from functools import partial

from tests.faults.cluster.cluster import Cluster
from tests.faults.kinds.kind import Facts, Kind, nothing

EXTRAS = ("burst", "duplicates", "conflicts", "rubbish")


async def _sent(name: str, cluster: Cluster, target: int) -> Facts:
    cluster.publisher(target).tell(name)
    await asyncio.sleep(0)
    return {}


INPUT_KINDS = tuple(Kind(f"input.{name}", partial(_sent, name), nothing) for name in EXTRAS)
