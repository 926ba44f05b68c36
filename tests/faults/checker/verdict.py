"""All that a checker has to say of a history."""

from dataclasses import dataclass

from tests.faults.checker.answers import doubled, lost
from tests.faults.checker.audit import negative, unaudited
from tests.faults.checker.effects import effective_bodies, unexpected
from tests.faults.checker.history import History
from tests.faults.checker.model import expectations
from tests.faults.checker.order import reordered
from tests.faults.checker.placed import placed_orders
from tests.faults.checker.purges import Purges
from tests.faults.checker.violation import TERMS, Violation
from tests.faults.checker.waiting import held_for_ever
from tests.faults.checker.whole_orders import whole_orders


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, by term."""

    violations: list[Violation]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many there are of each term; 0 is what a sound worker gets."""
        return {term: sum(each.term == term for each in self.violations) for term in TERMS}


def judge(history: History) -> Verdict:
    """Return every violation in `history`."""
    purges = Purges(history)
    bodies = effective_bodies(history, purges)
    orders = placed_orders(history, bodies)
    expected = list(expectations(history, bodies, orders))
    return Verdict(
        [
            *lost(history, purges),
            *unexpected(history, bodies, orders, expected),
            *doubled(history),
            *reordered(history, purges),
            *negative(history),
            *unaudited(history, expected),
            *whole_orders(history, orders, purges),
            *held_for_ever(history),
        ]
    )
