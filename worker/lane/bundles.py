"""Several messages as one: what a batch has to say to one other lane travels together.

A message costs the broker as much as a command costs us, and a batch of orders
asks the same few lanes. So the commands for one of them are written into one
body, a line each, and so is what its orders hear; JSON as we write it has no line ends.
A bundle is acknowledged as a whole, after all that it holds has its effect. Apart
from that each line is a message of its own: it is set aside, parked and replayed
alone, and where it kills its worker, it is convicted alone.
"""

import re
from collections.abc import Iterator, Sequence

from schemas.names import JSON_CONTENT_TYPE
from schemas.partitions import partition_of
from worker.lane.ports import Bundle, BundleKind, Delivery

BUNDLE_LIMIT_MESSAGES = 64
"""A bundle is taken whole, so a batch may be that much over its own limit."""

MESSAGE_LIMIT_BYTES = 16 * 1024
"""More than a command about a line makes with all that is on its leg, every field at its limit."""

BROKER_LIMIT_BYTES = 16 * 1024 * 1024
"""The largest message that RabbitMQ 4 takes."""

# With ample room for what comes home, which may quote an error of the database.
assert 8 * BUNDLE_LIMIT_MESSAGES * MESSAGE_LIMIT_BYTES <= BROKER_LIMIT_BYTES  # noqa: S101

_LINE_END = b"\n"

_COMMAND_ID = re.compile(rb'"command_id":"([0-9a-f-]{36})"')
"""As we write it. Within a text its quotes are escaped, so it is found nowhere else."""


class Bundler:
    """Collects messages of one kind by the lane that they are for."""

    def __init__(self, kind: BundleKind, partition_count: int) -> None:
        self._kind = kind
        self._partition_count = partition_count
        self._bodies: dict[int, list[bytes]] = {}

    def add(self, aggregate_id: str, body: bytes) -> None:
        """Add a message to the lane of the SKU or order `aggregate_id`."""
        self._bodies.setdefault(partition_of(aggregate_id, self._partition_count), []).append(body)

    def bundles(self) -> Iterator[Bundle]:
        """Yield all that was added; for each lane in its order."""
        for partition, bodies in self._bodies.items():
            for first in range(0, len(bodies), BUNDLE_LIMIT_MESSAGES):
                body = _LINE_END.join(bodies[first : first + BUNDLE_LIMIT_MESSAGES])
                yield Bundle(partition, self._kind, body)


def message_count(delivery: Delivery) -> int:
    """Return how many messages `delivery` holds."""
    return 1 if delivery.bundle is None else delivery.body.count(_LINE_END) + 1


def unbundled(delivery: Delivery) -> list[Delivery]:
    """Return the messages that `delivery` holds; itself where it is no bundle."""
    if delivery.bundle is None:
        return [delivery]
    _, tag, queue, routing_key, redelivered, *_ = delivery
    return [
        Delivery(
            body,
            tag,
            queue,
            routing_key,
            redelivered,
            correlation_id=_command_id(body),
            content_type=JSON_CONTENT_TYPE,
            bundle=delivery.bundle,
        )
        for body in delivery.body.split(_LINE_END)
    ]


def _command_id(body: bytes) -> str | None:
    found = _COMMAND_ID.search(body)
    return None if found is None else found[1].decode()


def last_ended(messages: Sequence[Delivery], start: int, stop: int) -> Delivery | None:
    """Return the last of `messages[start:stop]` with which a delivery ends, which can be acknowledged then.

    None where there is none: all are of a bundle that goes on behind them.
    """
    goes_on = messages[stop].tag if stop < len(messages) else None
    return next((message for message in reversed(messages[start:stop]) if message.tag != goes_on), None)
