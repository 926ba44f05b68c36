"""A hand-written stand-in for the workers: it carries plans on and does what is asked for, and decides nothing."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import asyncpg

Ending = tuple[str, str | None]
"""Outcome and reason."""

NOT_DONE = "not_done"
APPLIED: Ending = ("applied", None)

_TELL = """
CREATE FUNCTION tell_the_twin() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NOTIFY asked; RETURN NULL; END';
CREATE TRIGGER told AFTER INSERT ON dead_letter_requests FOR EACH STATEMENT EXECUTE FUNCTION tell_the_twin();
CREATE TRIGGER told AFTER INSERT OR UPDATE ON replay_plans FOR EACH STATEMENT EXECUTE FUNCTION tell_the_twin();
"""

_FORECAST = """
UPDATE replay_plan_items SET state = 'forecast', outcome = $3, outcome_reason = $4, done_at = now() AT TIME ZONE 'UTC'
WHERE plan_id = $1 AND letter_id = $2
"""
_ASK = """
WITH asked AS (
    UPDATE replay_plan_items SET state = 'requested' WHERE plan_id = $1 AND letter_id = ANY($2::bigint[])
    RETURNING letter_id
)
INSERT INTO dead_letter_requests (letter_id, partition, action, operator, why, plan_id, requested_at)
SELECT letter_id, partition, 'replay', 'x', 'x', $1, now() AT TIME ZONE 'UTC'
FROM asked JOIN dead_letters USING (letter_id)
"""
_CLOSE = """
UPDATE dead_letters
SET state = $2, outcome = $3, outcome_reason = $4, corrected_body = $5, closed_at = now() AT TIME ZONE 'UTC'
WHERE letter_id = $1
"""
_FAIL_AGAIN = "UPDATE dead_letters SET attempts = attempts + 1, last_at = now() AT TIME ZONE 'UTC' WHERE letter_id = $1"
_RECORD = """
INSERT INTO dead_letter_deeds ("at", operator, why, deed, letter_id, plan_id, after)
SELECT now() AT TIME ZONE 'UTC', operator, why, $2, letter_id, plan_id, json_build_object('outcome', $3::text)
FROM dead_letter_requests WHERE letter_id = $1
"""
_REFUSE = """
INSERT INTO dead_letter_deeds ("at", operator, why, deed, letter_id, plan_id, after)
SELECT now() AT TIME ZONE 'UTC', operator, why, 'not_done', letter_id, plan_id, json_build_object('message', $2::text)
FROM dead_letter_requests WHERE letter_id = $1
"""
_ITEM_DONE = """
UPDATE replay_plan_items SET state = 'done', outcome = $2, outcome_reason = $3, done_at = now() AT TIME ZONE 'UTC'
WHERE letter_id = $1 AND state = 'requested'
"""
_FINISH = "UPDATE replay_plans SET state = 'finished', ended_at = now() AT TIME ZONE 'UTC' WHERE plan_id = $1"
_PAUSE = "UPDATE replay_plans SET state = 'paused', note = $2, canary_passed = true WHERE plan_id = $1"
_PASSED = "UPDATE replay_plans SET canary_passed = true WHERE plan_id = $1"

_CLOSED_AS = {"replay": "replayed", "skip": "skipped", "edit": "edited"}


class LaneTwin:
    """Works in the background for the length of the block; every letter ends as `endings` says, or is applied.

    The ending `NOT_DONE`, with why, refuses whatever is asked.
    """

    def __init__(self, database_url: str, endings: Mapping[int, Ending] | None = None) -> None:
        self._url = database_url
        self._endings = endings or {}
        self._asked = asyncio.Event()
        self._connection: Any = None
        self._task: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()

    async def until_idle(self) -> None:
        """Return when it has done all that is asked for now."""
        self._idle.clear()
        self._asked.set()
        await self._idle.wait()

    async def __aenter__(self) -> Self:
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute(_TELL)
        await self._connection.add_listener("asked", lambda *_: self._asked.set())
        self._asked.set()
        self._task = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._connection.close()

    async def _work(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            async with self._connection.transaction():
                for plan in await self._connection.fetch(
                    "SELECT * FROM replay_plans WHERE state = 'running' FOR UPDATE"
                ):
                    await self._carry_on(plan)
                for request in await self._connection.fetch("SELECT * FROM dead_letter_requests ORDER BY letter_id"):
                    await self._do(request)
            if not self._asked.is_set():
                self._idle.set()

    async def _carry_on(self, plan: Any) -> None:
        items = await self._connection.fetch(
            "SELECT letter_id, state, outcome FROM replay_plan_items WHERE plan_id = $1 ORDER BY ordinal",
            plan["plan_id"],
        )
        waiting = [item["letter_id"] for item in items if item["state"] == "planned"]
        if plan["dry_run"]:
            for letter_id in waiting:
                await self._connection.execute(_FORECAST, plan["plan_id"], letter_id, *self._ending(letter_id))
            await self._connection.execute(_FINISH, plan["plan_id"])
        elif not waiting:
            if all(item["state"] == "done" for item in items):
                await self._connection.execute(_FINISH, plan["plan_id"])
        elif plan["canary"] is None or plan["canary_passed"]:
            await self._connection.execute(_ASK, plan["plan_id"], waiting)
        else:
            await self._carry_canary_on(plan["plan_id"], items[: plan["canary"]])

    async def _carry_canary_on(self, plan_id: int, canary: list[Any]) -> None:
        if any(item["state"] == "planned" for item in canary):
            await self._connection.execute(_ASK, plan_id, [item["letter_id"] for item in canary])
        elif any(item["outcome"] != "applied" for item in canary):
            await self._connection.execute(_PAUSE, plan_id, "the canary did not succeed")
        else:
            await self._connection.execute(_PASSED, plan_id)

    async def _do(self, request: Any) -> None:
        letter_id, action = request["letter_id"], request["action"]
        outcome, reason = self._ending(letter_id)
        if outcome == NOT_DONE:
            await self._connection.execute(_REFUSE, letter_id, reason)
            await self._end(letter_id, None, None)
            return
        if action == "skip":
            outcome, reason = "rejected", "skipped"
        if outcome == "dead_lettered":
            await self._connection.execute(_FAIL_AGAIN, letter_id)
            deed = "failed_again"
        else:
            body = request["corrected_body"]
            await self._connection.execute(_CLOSE, letter_id, _CLOSED_AS[action], outcome, reason, body)
            deed = _CLOSED_AS[action]
        await self._connection.execute(_RECORD, letter_id, deed, outcome)
        await self._end(letter_id, outcome, reason)

    async def _end(self, letter_id: int, outcome: str | None, reason: str | None) -> None:
        await self._connection.execute("DELETE FROM dead_letter_requests WHERE letter_id = $1", letter_id)
        await self._connection.execute(_ITEM_DONE, letter_id, outcome, reason)
        self._asked.set()

    def _ending(self, letter_id: int) -> Ending:
        return self._endings.get(letter_id, APPLIED)
