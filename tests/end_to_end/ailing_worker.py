"""`python -m tests.end_to_end.ailing_worker ILLNESS [POINT]`: a worker that cannot do everything.

fails   a command whose reason begins with `ill` cannot be committed: a bug that the next release mends
dies    the process is killed whenever it is about to commit such a command
mute    the process is killed whenever it is about to publish that something about the SKU `ill` was applied
blind   the process is killed whenever a dry run reads a letter about that SKU
step    the process is killed when a lane is first at POINT of deciding letters:
        open_letters, publish, published, settle, settled
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime

from tests.faults.subject.passing import PassingLedger, PassingOutbox, PassingStore
from worker.event_store import Batch, CommitOutcome, Term
from worker.lane.dead_letters.reading import UNSUSPECTED, Reading, read_letter
from worker.lane.dead_letters.suspects import Portion
from worker.lane.ports import Assignment, Bundle, DeadLetter, Reply
from worker.ledger import Hold, OpenLetter, Verdict
from worker.replay import dry_runs
from worker.service.logs import configure_logs
from worker.service.service import Service
from worker.service.settings import Settings
from worker.service.wrapping import Wrapping

ILL = "ill"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _illness(batch: Batch) -> str | None:
    return next((row.reason for row in batch.audit if row.reason is not None and row.reason.startswith(ILL)), None)


class FailingStore(PassingStore):
    """Has a bug."""

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        illness = _illness(batch)
        if illness is not None:
            raise ZeroDivisionError(f"{illness}: a bug that the next release mends")
        return await super().commit(term, batch)


class DeadlyStore(PassingStore):
    """Takes the process with it."""

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        if _illness(batch) is not None:
            _die()
        return await super().commit(term, batch)


class DeadlyOutbox(PassingOutbox):
    """Takes the process with it."""

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        if any(isinstance(each, Reply) and each.routing_key.endswith(f".applied.restock.{ILL}") for each in messages):
            _die()
        await super().publish(dead_letters, messages)


def _deadly(letter: OpenLetter, assignment: Assignment, portion: Portion = UNSUSPECTED) -> Reading:
    if letter.aggregate_id == ILL:
        _die()
    return read_letter(letter, assignment, portion)


class Steps:
    """Kills at the first time at one point, once letters are being decided."""

    def __init__(self, fatal: str) -> None:
        self._fatal = fatal
        self._deciding = False

    def reach(self, point: str) -> None:
        self._deciding = self._deciding or point == "open_letters"
        if self._deciding and point == self._fatal:
            _die()


class SteppingLedger(PassingLedger):
    """Tells where it is."""

    steps: Steps

    async def open_letters(self, partition: int, limit: int) -> list[OpenLetter]:
        letters = await super().open_letters(partition, limit)
        if letters:
            self.steps.reach("open_letters")
        return letters

    async def settle(
        self, term: Term, verdicts: Sequence[Verdict], holds: Sequence[Hold], ended: Sequence[str], now: datetime
    ) -> None:
        self.steps.reach("settle")
        await super().settle(term, verdicts, holds, ended, now)
        self.steps.reach("settled")


class SteppingOutbox(PassingOutbox):
    """Tells where it is."""

    steps: Steps

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        self.steps.reach("publish")
        await super().publish(dead_letters, messages)
        self.steps.reach("published")


def _wrapping(illness: str, point: str) -> Wrapping:
    if illness == "fails":
        return Wrapping(store=FailingStore)
    if illness == "dies":
        return Wrapping(store=DeadlyStore)
    if illness == "mute":
        return Wrapping(outbox=DeadlyOutbox)
    if illness == "blind":
        dry_runs.read_letter = _deadly  # type: ignore[attr-defined]
        return Wrapping()
    SteppingLedger.steps = SteppingOutbox.steps = Steps(point)
    return Wrapping(ledger=SteppingLedger, outbox=SteppingOutbox)


def main(illness: str, point: str = "") -> None:
    configure_logs("info", as_json=True)
    settings = Settings.model_validate(
        {
            "amqp_url": os.environ["ORDERS_AMQP_URL"],
            "database_url": os.environ["ORDERS_DATABASE_URL"],
            "partition_count": int(os.environ["ORDERS_PARTITIONS"]),
        }
    )
    stopping = asyncio.Event()

    async def run() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        await Service(settings, wrapping=_wrapping(illness, point)).run(stopping)

    asyncio.run(run())


if __name__ == "__main__":
    main(*sys.argv[1:])
