from collections.abc import AsyncIterator

import pytest

from publisher.dead_letters import DeadLetters
from tests.publisher.dead_letters.ledger_rows import LedgerRows


@pytest.fixture
async def ledger(migrated_database_url: str, rows: LedgerRows) -> AsyncIterator[DeadLetters]:
    assert rows is not None
    async with DeadLetters(migrated_database_url) as ledger:
        yield ledger
