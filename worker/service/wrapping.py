"""What may stand between a worker and the world: nothing, but in tests of what goes wrong there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from worker.expiry.clock import Send
from worker.lane.ports import Environment, Ledger, Outbox, Source, Store

_Port = TypeVar("_Port")


def _unchanged(port: _Port) -> _Port:
    return port


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Wraps each port of a worker; each wrapper is given the real one and returns what is used instead."""

    source: Callable[[Source], Source] = _unchanged
    """Of a lane; the forwarder's is never wrapped."""
    store: Callable[[Store], Store] = _unchanged
    ledger: Callable[[Ledger], Ledger] = _unchanged
    """Of a lane; the collector's is never wrapped."""
    outbox: Callable[[Outbox], Outbox] = _unchanged
    environment: Callable[[Environment], Environment] = _unchanged
    expiry: Callable[[Send], Send] = _unchanged
    """What sends the commands that end reservations."""
