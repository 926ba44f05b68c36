"""Every order in which people can take turns."""

from collections.abc import Iterator

Schedule = tuple[int, ...]
"""Whose turn it is, turn by turn."""


def schedules(people: int, turns: int) -> Iterator[Schedule]:
    """Yield every order in which each of `people` takes `turns` turns.

    People who do the same are alike: of orders that differ only in who is who,
    one is yielded, that in which they come in one after the other.
    """
    yield from _continued((), (turns,) * people, turns)


def _continued(taken: Schedule, left: tuple[int, ...], untouched: int) -> Iterator[Schedule]:
    if not any(left):
        yield taken
    for person, turns in enumerate(left):
        if turns:
            yield from _continued((*taken, person), (*left[:person], turns - 1, *left[person + 1 :]), untouched)
        if turns == untouched:
            return  # whoever comes in after this one is like this one
