"""What a batch sends: answers and dead letters in the order of its deliveries, and what goes to other lanes."""

from collections.abc import Sequence

from schemas.reasons import Reason
from worker.lane.answers import Answer, dead_letter_answer
from worker.lane.bundles import Bundler
from worker.lane.decoding import Unprocessable, is_reply_to
from worker.lane.endings import Ending, OrderEnding
from worker.lane.orders.line_replies import LineReply
from worker.lane.ports import Bundle, BundleKind, DeadLetter, Reply


class Outgoing:
    """Collects how each delivery ended."""

    def __init__(self, partition_count: int) -> None:
        self.dead_letters: list[DeadLetter] = []
        self.answers: list[Answer] = []
        self._replies: list[Reply] = []
        self._bundlers = {kind: Bundler(kind, partition_count) for kind in BundleKind}

    def add(self, ending: Ending) -> None:
        """Add what goes out for one delivery."""
        if isinstance(ending, OrderEnding):
            for answer in ending.answers:
                self._answer(answer)
            for line_command in ending.asked:
                self._bundlers[BundleKind.ASKED].add(line_command.sku, line_command.body)
        elif isinstance(ending, Unprocessable):
            # What only waits, or is in the ledger already, is no new dead letter.
            if ending.reason is not Reason.HELD and ending.delivery.letter_id is None:
                self.dead_letters.append(DeadLetter(ending.delivery, ending.reason.value, ending.error))
            # What an order hears of a line was asked by nobody.
            if not isinstance(ending.item, LineReply) and not ending.answered:
                self._answer(_answer_to_dead_letter(ending))
        else:
            self._answer(ending)

    @property
    def messages(self) -> Sequence[Reply | Bundle]:
        """Return the answers, what orders ask, and what other lanes' orders are told."""
        bundles = (bundle for bundler in self._bundlers.values() for bundle in bundler.bundles())
        return [*self._replies, *bundles]

    def _answer(self, answer: Answer) -> None:
        self.answers.append(answer)
        self._replies.append(answer.reply)
        if answer.onward is not None:
            self._bundlers[answer.onward.kind].add(answer.onward.aggregate_id, answer.onward.body)


def _answer_to_dead_letter(unprocessable: Unprocessable) -> Answer:
    reply_to = unprocessable.delivery.reply_to
    usable = reply_to is not None and is_reply_to(reply_to)
    return dead_letter_answer(unprocessable, reply_to=reply_to if usable else None)
