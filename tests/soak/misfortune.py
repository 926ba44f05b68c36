"""Which faults happen, and whom they hit.

One worker lives through the whole soak: what it leaves behind at each lost connection adds up in it, and shows. The
other is the one that dies, again and again.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.faults.cluster.settings import Size
from tests.faults.schedule import Fault, plan

SIZE = Size(workers=2, partitions=16)
SURVIVOR, MORTAL = 0, 1
"""Seats."""

DEADLY = {
    "worker.killed": 2,
    "worker.killed_at_committed": 1,
    "worker.killed_at_published": 1,
    "worker.terminated": 1,
}
OTHERS = {
    "worker.hung": 1,
    "worker.cancelled_inside_statement": 1,
    "broker.hung_up": 2,
    "broker.restarted": 1,
    "database.restarted": 1,
    "database.sessions_ended": 1,
    "network.broker_reset": 1,
    "network.broker_half_open": 1,
    "network.database_reset": 1,
    "network.database_black_hole": 1,
    "network.database_cut_inside_reply": 1,
}
"""By weight. Not the crash of the database: it forgets its statistics then, of which dead rows are one."""


def misfortunes(seed: int, duration_seconds: float, every_seconds: float) -> list[Fault]:
    """Return the faults of a soak; the survivor is hit by nothing that ends a process, and by its half of the rest."""
    source = Random(seed)
    return [_aimed(fault, source) for fault in plan(seed, duration_seconds, DEADLY | OTHERS, every_seconds)]


def _aimed(fault: Fault, source: Random) -> Fault:
    seat = MORTAL if fault.kind in DEADLY else source.choice((SURVIVOR, MORTAL))
    return replace(fault, target=seat)


def kinds(faults: Sequence[Fault]) -> dict[str, int]:
    """Return how often each kind comes."""
    names = [fault.kind for fault in faults]
    return {name: names.count(name) for name in sorted(set(names))}
