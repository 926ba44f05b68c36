"""Which partitions belong to which worker.

Every worker computes this by itself from the same names and gets the same
result. Each worker gets the floor or the ceiling of the even share, and when a
worker comes or goes few partitions move: highest random weight ("rendezvous")
hashing, Thaler and Ravishankar 1998, with a capacity for each worker.
"""

import hashlib
from collections.abc import Collection


def assign(partition_count: int, workers: Collection[str]) -> dict[str, frozenset[int]]:
    """Return the partitions of each of `workers`: all of 0 to `partition_count` - 1, each once."""
    shares: dict[str, set[int]] = {worker: set() for worker in workers}
    if not shares:
        return {}
    floor, larger_share_count = divmod(partition_count, len(shares))
    unassigned = set(range(partition_count))
    wishes = sorted(
        ((_weight(worker, partition), worker, partition) for worker in shares for partition in range(partition_count)),
        reverse=True,
    )
    for _, worker, partition in wishes:
        share = shares[worker]
        if partition not in unassigned or len(share) > floor or (len(share) == floor and larger_share_count == 0):
            continue
        if len(share) == floor:
            larger_share_count -= 1
        share.add(partition)
        unassigned.remove(partition)
    return {worker: frozenset(share) for worker, share in shares.items()}


def _weight(worker: str, partition: int) -> bytes:
    return hashlib.blake2b(f"{partition}\0{worker}".encode(), digest_size=8).digest()
