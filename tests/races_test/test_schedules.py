from itertools import permutations
from math import factorial

import pytest

from tests.races.schedules import Schedule, schedules
from tests.races.turns import pause, take_turns


@pytest.mark.parametrize(("people", "turns"), [(1, 3), (2, 1), (2, 3), (3, 2), (5, 2)])
def test_every_order_is_there_once(people: int, turns: int) -> None:
    orders = list(schedules(people, turns))
    assert len(set(orders)) == len(orders)
    assert len(orders) == factorial(people * turns) // (factorial(turns) ** people * factorial(people))


def test_each_stands_for_those_in_which_only_the_names_differ() -> None:
    everyone = {*permutations((0, 0, 1, 1, 2, 2))}
    assert {_named_by_arrival(order) for order in everyone} == set(schedules(3, 2))


def test_turns_are_taken_as_the_schedule_says_and_then_to_the_end() -> None:
    taken: list[str] = []

    async def person(name: str, turns: int) -> None:
        for turn in range(turns):
            taken.append(f"{name}{turn}")
            await pause()

    take_turns([person("a", 3), person("b", 1)], (1, 0, 1, 1, 0))
    assert taken == ["b0", "a0", "a1", "a2"]


def test_who_waits_for_ever_is_named() -> None:
    async def waiting() -> None:
        while True:
            await pause()

    with pytest.raises(AssertionError, match=r"\[0\] wait for ever after \(0,\)"):
        take_turns([waiting()], (0,))


def _named_by_arrival(order: tuple[int, ...]) -> Schedule:
    names = {person: name for name, person in enumerate(dict.fromkeys(order))}
    return tuple(names[person] for person in order)
