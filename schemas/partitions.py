"""Which partition a SKU or an order belongs to, and what that partition's queue is called.

Partition = CRC-32 (ISO-HDLC, the one of zlib, gzip and PNG) of the SKU's UTF-8
bytes, modulo the partition count; for an order, of `order:` and its id. `partition_vectors.json`, beside this file,
lists examples for clients in other languages to check theirs against.
"""

from zlib import crc32

DEFAULT_PARTITION_COUNT = 16
PARTITION_COUNT_LIMIT = 100
"""Two digits name a partition: 00 to 99."""


def partition_of(aggregate_id: str, partition_count: int) -> int:
    """Return the partition of a SKU, or of `order:<order id>`, from 0 to `partition_count` - 1."""
    return crc32(aggregate_id.encode()) % partition_count


def partition_routing_key(partition: int) -> str:
    """Return the key under which a client that hashes publishes: `partition.07`."""
    return f"partition.{partition:02d}"


def partition_queue(partition: int) -> str:
    """Return the queue that holds the partition's commands: `orders.commands.07`."""
    return f"orders.commands.{partition:02d}"
