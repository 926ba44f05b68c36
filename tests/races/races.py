"""The races that are run: each a program, and every schedule of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import permutations

from tests.races.lanes import behind_buyers, side_by_side
from tests.races.naive import Tills, check_then_decrement, locked_in_process, selected_for_update
from tests.races.outcome import Outcome, of_lowest, of_tills
from tests.races.schedules import schedules
from tests.races.till import BUYERS, Till
from tests.races.turns import Program, take_turns

TURNS_PER_BUYER = 2
"""To look, and to buy."""

PACES = (1, 2, 4)
"""Turns of the lane after each turn of a buyer: a lane that takes several at once, and lanes that keep up."""

TURNS_PER_LANE = 8
"""Of two lanes. All that one does to the tables and the broker happens in its first 8 turns."""

Buyer = Callable[[Tills, int], Program]


def check_then_decrement_races() -> Outcome:
    """Everyone checks, then decrements."""
    return of_tills(_tills([check_then_decrement] * len(BUYERS)))


def lock_in_each_process_races() -> Outcome:
    """Two processes, each with a lock of its own; three buyers come to the one, two to the other."""
    one, other = (_in_process(process) for process in (0, 1))
    return of_tills(_tills([one, one, one, other, other]))


def forgotten_lock_races() -> Outcome:
    """Four places select for update; the fifth has forgotten it."""
    return of_tills(_tills([*[selected_for_update] * (len(BUYERS) - 1), check_then_decrement]))


def lane_races() -> Outcome:
    """Everyone looks, then sends a command to the lane."""
    return of_lowest(
        behind_buyers(schedule, pace).lowest for pace in PACES for schedule in schedules(len(BUYERS), TURNS_PER_BUYER)
    )


def two_lane_races() -> Outcome:
    """Two lanes have the same five commands, and each believes that it owns the partition."""
    return of_lowest(side_by_side(schedule).lowest for schedule in schedules(2, TURNS_PER_LANE))


RACES: Mapping[str, Callable[[], Outcome]] = {
    "check, then decrement": check_then_decrement_races,
    "the same, a lock in each of two processes": lock_in_each_process_races,
    "SELECT FOR UPDATE, forgotten in one place": forgotten_lock_races,
    "the lane": lane_races,
    "two lanes that both think they are the owner": two_lane_races,
}
"""By what the table calls them."""


def _tills(buyers: Sequence[Buyer]) -> Iterator[Till]:
    """Run every schedule, with the buyers in every order in which they can come in."""
    for arriving in dict.fromkeys(permutations(buyers)):
        for schedule in schedules(len(buyers), TURNS_PER_BUYER):
            tills = Tills()
            take_turns([buyer(tills, number) for number, buyer in enumerate(arriving)], schedule)
            yield tills.till


def _in_process(process: int) -> Buyer:
    return partial(locked_in_process, process)
