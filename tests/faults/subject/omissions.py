"""Mutants about what is not done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from schemas.commands import Expire
from tests.faults.subject.mutant import Mutant
from tests.faults.subject.passing import PassingLedger, PassingOutbox, PassingStore
from worker.event_store import Answered, Batch, CommitOutcome, Term
from worker.expiry.clock import Send
from worker.lane.ports import Bundle, DeadLetter, Ledger, Outbox, PublishFailed, Reply, Store
from worker.ledger import Filed, FilingOutcome, Letter, LetterState


class SkipsAuditRows(Mutant):
    """The last audit row of every batch is left out."""

    def store(self, store: Store) -> Store:
        return _Unaudited(store)


class IgnoresConflicts(Mutant):
    """Another command under a known id gets that id's answer."""

    def store(self, store: Store) -> Store:
        return _Lenient(store)


class DropsAnswersOnError(Mutant):
    """Answers that the broker did not confirm are not sent again."""

    def outbox(self, outbox: Outbox) -> Outbox:
        return _Dropping(outbox)


class AnswersNoRepetition(Mutant):
    """A command that comes again gets no answer."""

    def __init__(self) -> None:
        self._stored = set[str]()

    def store(self, store: Store) -> Store:
        return _Noting(store, self._stored)

    def outbox(self, outbox: Outbox) -> Outbox:
        return _Silent(outbox, self._stored)


class DropsDeadLetters(Mutant):
    """What is set aside is only answered."""

    def ledger(self, ledger: Ledger) -> Ledger:
        return _Discarding(ledger)


class DropsExpiry(Mutant):
    """Nothing ends a reservation."""

    def expiry(self, send: Send) -> Send:
        del send
        return _never


async def _never(_commands: Sequence[Expire]) -> None:
    """Say that it has been sent."""


class _Unaudited(PassingStore):
    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        return await super().commit(term, replace(batch, audit=batch.audit[:-1]))


class _Lenient(PassingStore):
    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        outcome = await super().commit(term, batch)
        if not isinstance(outcome, Answered):
            return outcome
        asked = {command.command_id: command.digest for command in batch.commands}
        return Answered(tuple(answer._replace(digest=asked[answer.command_id]) for answer in outcome.answers))


class _Dropping(PassingOutbox):
    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        try:
            await super().publish(dead_letters, messages)
        except PublishFailed:
            return


class _Noting(PassingStore):
    def __init__(self, store: Store, stored: set[str]) -> None:
        super().__init__(store)
        self._stored = stored

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        outcome = await super().commit(term, batch)
        if isinstance(outcome, Answered):
            self._stored.update(answer.answer for answer in outcome.answers if answer.answer is not None)
        return outcome


class _Silent(PassingOutbox):
    def __init__(self, outbox: Outbox, stored: set[str]) -> None:
        super().__init__(outbox)
        self._stored = stored

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        fresh = [each for each in messages if isinstance(each, Bundle) or not self._is_stored(each)]
        await super().publish(dead_letters, fresh)

    def _is_stored(self, reply: Reply) -> bool:
        return reply.body.decode() in self._stored


class _Discarding(PassingLedger):
    async def file(self, term: Term, letters: Sequence[Letter], now: datetime) -> FilingOutcome:
        kept = [letter for letter in letters if letter.state is not LetterState.SET_ASIDE]
        return await super().file(term, kept, now) if kept else Filed(())
