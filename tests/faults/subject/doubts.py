"""Mutants about what is done twice."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import asyncpg

from tests.faults.subject.mutant import Mutant
from tests.faults.subject.passing import PassingStore
from worker.event_store import (
    Answered,
    Batch,
    CommitOutcome,
    RecordedCommand,
    StoreUnavailable,
    Term,
)
from worker.lane.ports import Store


class KnowsNoDuplicates(Mutant):
    """A command that was answered before is applied again."""

    def store(self, store: Store) -> Store:
        return _Forgetful(store)


class AppliesTwiceOnDoubt(Mutant):
    """A batch whose commit came to no known end is written as if it had failed."""

    def store(self, store: Store) -> Store:
        return _Doubting(store)


class StoresAnotherAnswer(Mutant):
    """The answer that is recorded is not the one that is sent."""

    def store(self, store: Store) -> Store:
        return _Careless(store)


class HasNoFence(Mutant):
    """A commit is made under whatever epoch and sequence the partition has by now."""

    def database(self, store: Store) -> Store:
        return _Unfenced(store)


class _Forgetful(PassingStore):
    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        outcome = await super().commit(term, batch)
        return await super().commit(term, _under_new_ids(batch)) if isinstance(outcome, Answered) else outcome


class _Doubting(PassingStore):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._in_doubt = False

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        try:
            outcome = await super().commit(term, batch)
        except StoreUnavailable:
            self._in_doubt = True
            raise
        if isinstance(outcome, Answered) and self._in_doubt:
            outcome = await super().commit(term, _under_new_ids(batch))
        self._in_doubt = False
        return outcome


class _Careless(PassingStore):
    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        commands = [command._replace(answer=_spoilt(command.answer)) for command in batch.commands]
        return await super().commit(term, replace(batch, commands=commands))


class _Unfenced(PassingStore):
    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        return await super().commit(await self._newest(term), batch)

    async def _newest(self, term: Term) -> Term:
        try:
            connection = await asyncpg.connect(os.environ["ORDERS_DATABASE_URL"])
            try:
                row = await connection.fetchrow(
                    "SELECT epoch, sequence FROM partitions WHERE partition = $1", term.partition
                )
            finally:
                await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            raise StoreUnavailable(str(error)) from error
        return Term(term.partition, row["epoch"], row["sequence"])


def _under_new_ids(batch: Batch) -> Batch:
    commands: Sequence[RecordedCommand] = [command._replace(command_id=uuid4()) for command in batch.commands]
    return replace(batch, commands=list(commands))


def _spoilt(answer: str) -> str:
    fields = json.loads(answer)
    return json.dumps(fields | {"user": f"{fields['user']} "}, separators=(",", ":"))
