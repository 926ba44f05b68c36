"""What the database says, read four times over: stock rows, events, audit, and how many of each."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import asyncpg

_STOCK_ROWS = "SELECT sku, sum(on_hand - reserved)::bigint AS units FROM stock_levels GROUP BY sku"
_EVENTS = "SELECT aggregate_id, version, event_type, data FROM events ORDER BY aggregate_id, version"
_AUDIT_SUMS = "SELECT sku, sum(delta)::bigint AS units FROM audit_log GROUP BY sku"
_COUNTS = """
SELECT (SELECT count(*) FROM events) AS "events",
       (SELECT count(DISTINCT command_id) FROM events) AS "commands with an event",
       (SELECT count(*) FROM audit_log) AS "audit rows",
       (SELECT count(*) FROM commands) AS "stored answers"
"""


@dataclass(frozen=True, slots=True)
class FoldedEvents:
    """The units by SKU that the events add up to, and what was wrong on the way."""

    stock: Mapping[str, int]
    faults: list[str]


@dataclass(frozen=True, slots=True)
class RecordedStock:
    """The units by SKU, from three sources that must agree, and the number of rows."""

    rows: Mapping[str, int]
    events: FoldedEvents
    audit_sums: Mapping[str, int]
    counts: Mapping[str, int]


async def read_recorded_stock(database_url: str) -> RecordedStock:
    """Read all of it in one transaction: the sources are of one moment."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return RecordedStock(
                rows=dict(await connection.fetch(_STOCK_ROWS)),
                events=fold_events(
                    (sku, version, kind, int(json.loads(data)["quantity"]))
                    for sku, version, kind, data in await connection.fetch(_EVENTS)
                ),
                audit_sums=dict(await connection.fetch(_AUDIT_SUMS)),
                counts=dict(await connection.fetchrow(_COUNTS)),
            )
    finally:
        await connection.close()


def fold_events(events: Iterable[tuple[str, int, str, int]]) -> FoldedEvents:
    """Add up `(sku, version, type, quantity)`, in order of version within each SKU.

    A gap in the versions, an unknown type, or a stock below zero at any version is a fault.
    """
    stock: defaultdict[str, int] = defaultdict(int)
    versions: defaultdict[str, int] = defaultdict(int)
    faults: list[str] = []
    for sku, version, kind, quantity in events:
        versions[sku] += 1
        match kind:
            case "StockAdded":
                stock[sku] += quantity
            case "StockRemoved":
                stock[sku] -= quantity
            case _:
                faults.append(f"{sku} version {version}: unknown event {kind}")
        if version != versions[sku]:
            faults.append(f"{sku}: version {versions[sku]} expected, version {version} found")
        if stock[sku] < 0:
            faults.append(f"{sku} version {version}: {stock[sku]:,} units")
    return FoldedEvents(stock, faults)
