"""What can happen to a lane at any point of its way, and to a shop between its lanes."""

import json
from collections.abc import Callable
from datetime import UTC, timedelta
from random import Random
from uuid import UUID

from schemas.commands import encode_command
from tests.twins.orders import message
from tests.twins.shop import Shop
from worker.event_store import AuditRow, EventRow, LevelRow, ReservationRow, StoreUnavailable
from worker.expiry.expiring import expire_command
from worker.lane.ports import Delivery, PublishFailed

STORE_POINTS = frozenset(
    {"claim", "claimed", "load", "loaded", "commit", "committed"}
    | {"holds", "count", "file", "filed", "open_letters", "settle", "settled"}
)
OUTBOX_POINTS = frozenset({"publish", "published"})

Misfortune = Callable[[Shop, str], None]


class Killed(BaseException):
    """The process is gone: nothing of it runs any further."""


def close_source(shop: Shop, _point: str) -> None:
    """Lose the channel to the broker."""
    assert shop.source is not None
    shop.source.close()


def kill(_shop: Shop, _point: str) -> None:
    """Take the process away."""
    raise Killed


def fence(shop: Shop, _point: str) -> None:
    """Let another worker take over."""
    shop.database.partitions[0].epoch += 1


def fail_server(_shop: Shop, point: str) -> None:
    """Let the server be away that is asked at `point`."""
    if point in STORE_POINTS:
        raise StoreUnavailable(point)
    if point in OUTBOX_POINTS:
        raise PublishFailed(point)


def append_foreign(shop: Shop, _point: str) -> None:
    """Let another program add a unit to a SKU with the event store as a library."""
    database = shop.database
    version = len(database.events_of("A")) + 1
    event_id = UUID(int=10**9 + version)
    level = database.levels.get(("A", "main"), LevelRow("A", "main", 0, 0, 0))
    data = json.dumps({"item_id": "main", "quantity": 1})
    database.events["A", version] = EventRow("A", version, event_id, "StockAdded", data, None)
    database.levels["A", "main"] = LevelRow("A", "main", level.on_hand + 1, level.reserved, version)
    database.audit.append(
        AuditRow("other", 1, "A", "main", level.on_hand + 1, None, event_id, None, None, version),
    )


MISFORTUNES: list[Misfortune] = [close_source, kill, fence, fail_server, append_foreign]


def step_clock(shop: Shop, random: Random) -> None:
    """Let time pass, mostly forwards."""
    shop.environment.pass_time(timedelta(seconds=random.choice([-0.7, 0.2, 0.5, 1.3])))


def send_due(shop: Shop, random: Random) -> None:
    """Send what ends the reservations that a worker finds due, whose clock goes wrong."""
    now = shop.environment.now() + timedelta(seconds=random.choice([-3, -1, 0, 5]))
    due = [
        row
        for row in shop.database.reservations.values()
        if row.status == "held" and row.expires_at is not None and row.expires_at.replace(tzinfo=UTC) <= now
    ]
    shop.send(_expiring(row) for row in due)


def _expiring(row: ReservationRow) -> Delivery:
    command = expire_command(row)
    return message(encode_command(command), correlation_id=str(command.command_id))
