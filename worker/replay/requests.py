"""What waits for lanes to look at it, and the ledger in numbers."""

from collections.abc import Sequence
from datetime import timedelta

from worker.replay.ledger_clock import Figures, WaitingPartition
from worker.replay.session import LedgerSession
from worker.replay.statements import statement


class WaitingRequests:
    """Asks the tables. Every call raises `EventStoreError` when the database is away."""

    def __init__(self, session: LedgerSession) -> None:
        self._session = session

    async def waiting(self, own_partitions: Sequence[int], overdue_seconds: float) -> list[WaitingPartition]:
        """Return where something waits, elsewhere than in `own_partitions` only for that long already."""
        overdue = timedelta(seconds=overdue_seconds)
        async with self._session.transaction() as connection:
            rows = await connection.fetch(statement("waiting_partitions"), list(own_partitions), overdue)
        return [WaitingPartition(*row) for row in rows]

    async def figures(self) -> Figures:
        """Count the ledger."""
        async with self._session.transaction() as connection:
            states = await connection.fetch(statement("open_letters_by_state"))
            held = await connection.fetchval(statement("held_aggregates"))
        return Figures({row["state"]: row["letters"] for row in states}, held)
