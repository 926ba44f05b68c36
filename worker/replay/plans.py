"""Carries out plans, in one short transaction each: any number of workers may try at once."""

from datetime import timedelta

import asyncpg

from worker.replay.advancing import (
    IN_FLIGHT_LIMIT_LETTERS,
    Ask,
    CanaryItem,
    Finish,
    Pace,
    Pause,
    Progress,
    Step,
    advance,
)
from worker.replay.session import LedgerSession
from worker.replay.statements import statement

REPLAY_USER = "system:replay"
"""Whom the record names where a plan is paused by its canary."""

_NO_DRY_RUN = False


class Plans:
    """The plans of the shop, as a worker carries them out."""

    def __init__(self, session: LedgerSession) -> None:
        self._session = session

    async def carry_on(self) -> None:
        """Take every plan at work as far as it may go now. Raises `EventStoreError`."""
        async with self._session.transaction() as connection:
            running = await connection.fetch(statement("running_plans"), _NO_DRY_RUN)
        for row in running:
            await self.advance(row["plan_id"])

    async def advance(self, plan_id: int) -> Step | None:
        """Take the plan as far as it may go now; None where somebody else does, or it is at work no longer."""
        async with self._session.transaction() as connection:
            plan = await connection.fetchrow(statement("lock_plan"), plan_id)
            if plan is None:
                return None
            pace = Pace(plan["canary"], plan["canary_passed"], plan["rate_per_second"])
            elapsed_seconds = (plan["looked_at"] - plan["advanced_at"]).total_seconds()
            step = advance(pace, await _progress(connection, plan_id, pace), elapsed_seconds)
            match step:
                case Finish():
                    await connection.execute(statement("finish_plan"), plan_id)
                case Pause():
                    await connection.execute(statement("pause_plan"), plan_id, step.note, REPLAY_USER)
                case Ask() if step.count or step.canary_passed != pace.canary_passed:
                    used_up_at = plan["looked_at"] - timedelta(seconds=step.unused_seconds)
                    await connection.execute(
                        statement("ask_for_items"), plan_id, step.count, used_up_at, step.canary_passed
                    )
            return step


async def _progress(connection: asyncpg.Connection, plan_id: int, pace: Pace) -> Progress:
    counts = await connection.fetchrow(statement("plan_progress"), plan_id, 2 * IN_FLIGHT_LIMIT_LETTERS)
    canary = []
    if pace.canary is not None and not pace.canary_passed:
        rows = await connection.fetch(statement("canary_items"), plan_id, pace.canary)
        canary = [CanaryItem(*row) for row in rows]
    return Progress(counts["planned"], counts["requested"], canary)
