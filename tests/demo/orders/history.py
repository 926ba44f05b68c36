"""What the database has on record of every SKU, once nothing is under way any more."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg

from tests.demo.errors import DemoError

SETTLING_TIMEOUT_SECONDS = 60.0
"""An order is answered when it is decided; what it holds is sold or given back right after that."""

_HELD = "SELECT coalesce(sum(reserved), 0)::bigint FROM stock_levels"
_LEVELS = (
    "SELECT sku, sum(on_hand)::bigint AS on_hand, sum(reserved)::bigint AS reserved FROM stock_levels GROUP BY sku"
)
_EVENTS = """
SELECT aggregate_id, version, event_type, data FROM events
WHERE NOT starts_with(aggregate_id, 'order:')
ORDER BY aggregate_id, version
"""
_AUDIT = "SELECT sku, sum(delta)::bigint AS units FROM audit_log GROUP BY sku"
_REFUSALS = """
SELECT answer FROM commands
WHERE answer ->> 'type' IN ('reserve_line', 'sell_line') AND answer ->> 'outcome' = 'rejected'
  AND answer ->> 'sku' IS NOT NULL  -- else the order itself has said so, and no SKU
"""
_ON_HAND = {"StockAdded": 1, "StockRemoved": -1, "ReservationFulfilled": -1}
_RESERVED = {"StockReserved": 1, "ReservationReleased": -1, "ReservationExpired": -1, "ReservationFulfilled": -1}


class Level(NamedTuple):
    """Units of a SKU after one of its events."""

    on_hand: int
    reserved: int


class Refusal(NamedTuple):
    """A line that could not be had: what was asked, and what the answer said there was, at which version."""

    order: str
    sku: str
    quantity: int
    available: int
    version: int


@dataclass(frozen=True, slots=True)
class History:
    """The stock rows, every level that the events went through from version 0 on, the audit sums, and refusals."""

    rows: Mapping[str, Level]
    levels: Mapping[str, list[Level]]
    faults: list[str]
    audit_sums: Mapping[str, int]
    refusals: Mapping[str, Refusal]
    """By order."""


async def read_history(database_url: str) -> History:
    """Wait until nothing is held, then read everything in one transaction. Raises `DemoError` where it stays held."""
    connection = await asyncpg.connect(database_url)
    try:
        await _until_nothing_is_held(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rows = await connection.fetch(_EVENTS)
            levels, faults = fold_levels((sku, version, kind, json.loads(data)) for sku, version, kind, data in rows)
            return History(
                rows={sku: Level(*level) for sku, *level in await connection.fetch(_LEVELS)},
                levels=levels,
                faults=faults,
                audit_sums=dict(await connection.fetch(_AUDIT)),
                refusals={each.order: each for each in map(_refusal, await connection.fetch(_REFUSALS))},
            )
    finally:
        await connection.close()


async def _until_nothing_is_held(connection: asyncpg.Connection) -> None:
    try:
        async with asyncio.timeout(SETTLING_TIMEOUT_SECONDS):
            while await connection.fetchval(_HELD):
                """Asking takes as long as a pause would."""
    except TimeoutError as error:
        raise DemoError(f"units are still held {SETTLING_TIMEOUT_SECONDS:g} s after the last answer") from error


def _refusal(row: asyncpg.Record) -> Refusal:
    answer = json.loads(row["answer"])
    order, _, _ = answer["reservation_id"].removeprefix("order:").rpartition("#")
    return Refusal(order, answer["sku"], answer["quantity"], answer["available"], answer["version"])


def fold_levels(
    events: Iterable[tuple[str, int, str, Mapping[str, int]]],
) -> tuple[dict[str, list[Level]], list[str]]:
    """Add up `(sku, version, type, data)`, in order of version within each SKU; also return what was wrong on the way.

    A gap in the versions, an unknown type, or less than nothing available at any version is wrong.
    """
    levels: dict[str, list[Level]] = {}
    faults: list[str] = []
    for sku, version, kind, data in events:
        passed = levels.setdefault(sku, [Level(0, 0)])
        if version != len(passed):
            faults.append(f"{sku}: version {len(passed)} expected, version {version} found")
        if kind not in _ON_HAND and kind not in _RESERVED:
            faults.append(f"{sku} version {version}: unknown event {kind}")
        units = data["quantity"]
        level = Level(
            passed[-1].on_hand + _ON_HAND.get(kind, 0) * units, passed[-1].reserved + _RESERVED.get(kind, 0) * units
        )
        passed.append(level)
        if not 0 <= level.reserved <= level.on_hand:
            faults.append(f"{sku} version {version}: {level.on_hand:,} on hand, {level.reserved:,} reserved")
    return levels, faults
