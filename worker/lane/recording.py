"""The answers of one batch: numbered, written into it, and known from then on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from schemas.results import Result, encode_result
from worker.event_store import Batch, RecordedCommand, StoredAnswer, Term


class Recording:
    """A batch in the making, and what is known to be answered: before it, and in it."""

    def __init__(self, term: Term, stored: Mapping[UUID, StoredAnswer], now: datetime) -> None:
        """Give numbers from where `term` stands."""
        self._epoch = term.epoch
        self.partition = term.partition
        self.next_sequence = term.sequence + 1
        """The number in its partition of what is recorded next."""
        self.now = now
        self.batch = Batch(now.astimezone(UTC).replace(tzinfo=None))
        self.stored = dict(stored)

    def next_number(self) -> dict[str, int]:
        """Return the partition and the sequence of what is recorded next, as results name them."""
        return {"partition": self.partition, "sequence": self.next_sequence}

    def record(self, result: Result, command_id: UUID, digest: bytes) -> bytes:
        """Record `result`, which has the next sequence, as the answer of the command; return its bytes."""
        body = encode_result(result)
        recorded = RecordedCommand(command_id, digest, body.decode())
        self.batch.commands.append(recorded)
        self.next_sequence += 1
        # A second copy within the batch gets this answer, as it would in the next.
        self.stored[command_id] = StoredAnswer(*recorded)
        return body

    def place(self, command_id: UUID, digest: bytes) -> None:
        """Note that the command has placed an order, and is answered once that is decided."""
        self.batch.placed[command_id] = digest
        self.stored[command_id] = StoredAnswer(command_id, digest, None)

    def complete(self, result: Result, command_id: UUID, digest: bytes) -> bytes:
        """Record `result` as the answer of a command that has placed an order, in this batch or before it."""
        if self.batch.placed.pop(command_id, None) is None:
            self.batch.completed.add(command_id)
        return self.record(result, command_id, digest)

    def term_after(self) -> Term:
        """Return the term as it stands once the batch is committed."""
        return Term(self.partition, self._epoch, self.next_sequence - 1)
