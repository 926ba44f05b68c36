"""What a batch sends, in the order of its deliveries."""

from schemas.reasons import Reason
from worker.lane.answers import Answer, dead_letter_answer
from worker.lane.decoding import Unprocessable, is_reply_to
from worker.lane.orders.line_replies import LineReply
from worker.lane.orders.planning import OrderEnding
from worker.lane.ports import DeadLetter, LineCommandOut, Reply


class Outgoing:
    """Collects how each delivery ended."""

    def __init__(self) -> None:
        self.dead_letters: list[DeadLetter] = []
        self.answers: list[Answer] = []
        self.messages: list[Reply | LineCommandOut] = []
        """The answers, and what orders ask."""

    def add(self, ending: Answer | OrderEnding | Unprocessable) -> None:
        """Add what goes out for one delivery."""
        if isinstance(ending, OrderEnding):
            for answer in ending.answers:
                self._answer(answer)
            self.messages.extend(ending.asked)
        elif isinstance(ending, Unprocessable):
            # What only waits, or is in the ledger already, is no new dead letter.
            if ending.reason is not Reason.HELD and ending.delivery.letter_id is None:
                self.dead_letters.append(DeadLetter(ending.delivery, ending.reason.value, ending.error))
            # What an order hears of a line was asked by nobody.
            if not isinstance(ending.item, LineReply):
                self._answer(_answer_to_dead_letter(ending))
        else:
            self._answer(ending)

    def _answer(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.messages.append(answer.reply)


def _answer_to_dead_letter(unprocessable: Unprocessable) -> Answer:
    reply_to = unprocessable.delivery.reply_to
    usable = reply_to is not None and is_reply_to(reply_to)
    return dead_letter_answer(unprocessable, reply_to=reply_to if usable else None)
