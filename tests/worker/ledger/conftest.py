"""The two ledgers, seen alike: the twin's rows and PostgreSQL's."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.twins import DatabaseTwin, LedgerRows, LedgerTwin, StoreTwin
from tests.twins.database import PartitionRow
from tests.twins.ledger import RequestRow
from tests.worker.ledger.letters import ASKED, PARKED_LIMIT, PARKED_PER_AGGREGATE_LIMIT, Desk
from worker.database.topology import record_partition_count
from worker.event_store import PartitionStore
from worker.ledger import (
    Action,
    LaneLedger,
)


@pytest.fixture
def twin() -> Desk:
    database, rows = DatabaseTwin(partitions={0: PartitionRow(), 1: PartitionRow()}), LedgerRows()

    async def ask(letter_id: int, action: Action, corrected_body: bytes | None) -> None:
        rows.requests[letter_id] = RequestRow(action, corrected_body=corrected_body)

    async def fetch() -> list[dict[str, Any]]:
        return [
            {"letter_id": number, "state": row.state.value, "attempts": row.attempts, "outcome": row.outcome}
            for number, row in rows.letters.items()
        ]

    async def requests() -> int:
        return len(rows.requests)

    ledger = LedgerTwin(
        database, rows, parked_per_aggregate_limit=PARKED_PER_AGGREGATE_LIMIT, parked_limit=PARKED_LIMIT
    )
    return Desk(StoreTwin(database), ledger, ask, fetch, requests)


@pytest.fixture
async def postgresql(migrated_database_url: str) -> AsyncIterator[Desk]:
    connection = await asyncpg.connect(migrated_database_url)
    await record_partition_count(connection, 2)
    store = PartitionStore(migrated_database_url)

    async def ask(letter_id: int, action: Action, corrected_body: bytes | None) -> None:
        await connection.execute(
            "INSERT INTO dead_letter_requests"
            " (letter_id, partition, action, corrected_body, operator, why, requested_at)"
            " SELECT letter_id, partition, $2, $3, $4, $5, now() FROM dead_letters WHERE letter_id = $1",
            letter_id,
            action.value,
            corrected_body,
            *ASKED,
        )

    async def fetch() -> list[dict[str, Any]]:
        rows = await connection.fetch("SELECT letter_id, state, attempts, outcome FROM dead_letters ORDER BY letter_id")
        return [dict(row) for row in rows]

    async def requests() -> int:
        count: int = await connection.fetchval("SELECT count(*) FROM dead_letter_requests")
        return count

    ledger = LaneLedger(store.session, parked_per_aggregate_limit=PARKED_PER_AGGREGATE_LIMIT, parked_limit=PARKED_LIMIT)
    yield Desk(store, ledger, ask, fetch, requests)
    await store.close()
    await connection.close()


@pytest.fixture(params=["twin", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Desk:
    found: Desk = request.getfixturevalue(request.param)  # one of them: the twin needs no server
    return found
