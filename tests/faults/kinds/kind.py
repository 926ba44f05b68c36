"""What a kind of fault is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any

from tests.faults.cluster.cluster import Cluster
from tests.faults.cluster.seat import Seat

Facts = dict[str, Any]
"""What a report or the checker has to know of a fault: `seat` and `died_at` of a worker, `partition` of a queue."""

Inject = Callable[[Cluster, int], Awaitable[Facts]]
"""Breaks something of the cluster, chosen by the fault's target, and mends it again."""


class NotReached(Exception):
    """The fault did not come about: the worker never came to that point, say. It is not counted."""


class Need(Flag):
    """What not every machine has."""

    NOTHING = 0
    SMALL_DISK = auto()
    """A file system of the database's own that can be filled: root, on Linux."""
    ONE_NODE = auto()
    """A broker that is gone when its node is."""
    THREE_NODES = auto()
    """A broker that stays while one of its nodes is gone."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way of breaking something."""

    name: str
    inject: Inject
    resources: Callable[[Cluster, int], tuple[str, ...]]
    """What nobody else may break meanwhile, by the fault's target."""
    weight: int = 4
    needs: Need = Need.NOTHING


def seat_of(cluster: Cluster, target: int) -> Seat:
    """Return the seat that a target means."""
    return cluster.seats[target % len(cluster.seats)]


def one_worker(cluster: Cluster, target: int) -> tuple[str, ...]:
    """Claim the seat that a target means."""
    return (f"worker {seat_of(cluster, target).number}",)


def all_workers(cluster: Cluster, _target: int) -> tuple[str, ...]:
    """Claim every seat."""
    return tuple(f"worker {seat.number}" for seat in cluster.seats)


def broker(_cluster: Cluster, _target: int) -> tuple[str, ...]:
    """Claim the broker."""
    return ("broker",)


def database(_cluster: Cluster, _target: int) -> tuple[str, ...]:
    """Claim the database."""
    return ("database",)


def nothing(_cluster: Cluster, _target: int) -> tuple[str, ...]:
    """Claim nothing."""
    return ()
