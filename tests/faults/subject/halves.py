"""Mutants about whole orders that are done by halves."""

from collections.abc import Sequence

from schemas.order_commands import FulfilLine, ReleaseLine
from tests.faults.subject.mutant import Mutant
from tests.faults.subject.passing import PassingOutbox
from worker.lane.ports import DeadLetter, LineCommandOut, Outbox, Reply


class SellsOrdersInPart(Mutant):
    """Of an order that was sold, all lines but the first are given back instead."""

    def outbox(self, outbox: Outbox) -> Outbox:
        return _Stingy(outbox)


class GivesNothingBack(Mutant):
    """What was held for an order that is refused stays held."""

    def outbox(self, outbox: Outbox) -> Outbox:
        return _Grasping(outbox)


class _Stingy(PassingOutbox):
    async def publish(self, dead_letters: Sequence[DeadLetter], replies: Sequence[Reply | LineCommandOut]) -> None:
        await super().publish(dead_letters, [self._spoilt(reply) for reply in replies])

    def _spoilt(self, reply: Reply | LineCommandOut) -> Reply | LineCommandOut:
        if not isinstance(reply, LineCommandOut) or not isinstance(reply.command, FulfilLine):
            return reply
        if reply.command.reservation_id.endswith("#1"):
            return reply
        return reply._replace(command=ReleaseLine(**reply.command.model_dump(exclude={"type"})))


class _Grasping(PassingOutbox):
    async def publish(self, dead_letters: Sequence[DeadLetter], replies: Sequence[Reply | LineCommandOut]) -> None:
        kept = [reply for reply in replies if isinstance(reply, Reply) or not isinstance(reply.command, ReleaseLine)]
        await super().publish(dead_letters, kept)
