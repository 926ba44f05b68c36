"""What the database holds and what is left in the queues, for the checker to read."""

import json
import time
from typing import Any

from tests.faults.cluster import settings
from tests.faults.cluster.cluster import FEED_QUEUE, TILLS_QUEUE, Cluster
from tests.faults.healing import waiting

DEAD_LETTERS_TABLE = "dead_letters"

_QUERIES = {
    "commands": "SELECT command_id, partition, sequence, answer::text AS answer FROM commands",
    "orders": "SELECT aggregate_id, command_id, status, deadline FROM orders",
    "events": "SELECT aggregate_id, version, event_id, event_type, data, command_id FROM events",
    "audit": "SELECT delta, reserved_delta, sku, location, balance, command_id, event_id, version FROM audit_log",
    "levels": "SELECT sku, location, on_hand, reserved, version FROM stock_levels",
    "reservations": "SELECT sku, reservation_id, held, fulfilled, status, expires_at FROM reservations",
    "letters": "SELECT correlation_id AS name, encode(body, 'escape') AS text FROM dead_letters",
    "partitions": "SELECT partition, owner, epoch, sequence FROM partitions",
}


async def remains(cluster: Cluster) -> str:
    """Return what goes into `database.json`."""
    tables: dict[str, Any] = {
        name: [dict(row) for row in await cluster.admin.rows(query)] for name, query in _QUERIES.items()
    }
    about = {
        "partition_count": cluster.size.partitions,
        "ended_at": time.time(),
        "waiting": await waiting(cluster),
        "feed": FEED_QUEUE,
        "private": {settings.PUBLISHERS[0]: TILLS_QUEUE},
        "dead_letters": DEAD_LETTERS_TABLE,
    }
    return json.dumps(tables | about, default=str)
