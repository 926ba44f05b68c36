"""A memory of bounded size, against a list in the order of use."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from worker.lane.recently_used import RecentlyUsed

LIMIT = 10
NAMES = st.lists(st.sampled_from("abcdef"), unique=True)
VALUES = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12))
"""Each takes as much room as it says."""


class InOrderOfUse:
    """What the memory must do, by scanning all it holds."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, int]] = []

    def of(self, names: list[str]) -> dict[str, int]:
        found = [(name, value) for wanted in names for name, value in self.entries if name == wanted]
        self.entries = [entry for entry in self.entries if entry not in found] + found
        return dict(found)

    def put(self, values: dict[str, int]) -> None:
        self.of(list(values))
        self.entries = list((dict(self.entries) | values).items())
        while sum(value for _, value in self.entries) > LIMIT:
            del self.entries[0]

    def forget(self, names: list[str]) -> None:
        self.entries = [(name, value) for name, value in self.entries if name not in names]


@given(st.lists(st.one_of(VALUES, st.tuples(st.sampled_from(["of", "forget"]), NAMES))))
def test_it_keeps_what_was_used_last_within_its_limit(steps: list[dict[str, int] | tuple[str, list[str]]]) -> None:
    memory, model = RecentlyUsed[str, int](LIMIT, room=sum), InOrderOfUse()
    for step in steps:
        if isinstance(step, dict):
            memory.put(step)
            model.put(step)
        elif step[0] == "forget":
            memory.forget(step[1])
            model.forget(step[1])
        else:
            assert memory.of(step[1]) == model.of(step[1])
        assert list(memory) == [name for name, _ in model.entries]


def test_what_was_not_used_for_longest_goes_first() -> None:
    memory = RecentlyUsed[str, str](2)
    memory.put({"a": "A", "b": "B"})
    assert memory.of(["a", "never-there"]) == {"a": "A"}  # which uses it
    memory.put({"c": "C"})
    assert memory.of(["a", "b", "c"]) == {"a": "A", "c": "C"}


def test_a_newer_value_replaces_an_older_one_and_counts_once() -> None:
    memory = RecentlyUsed[str, str](2)
    for value in "xyz":
        memory.put({"a": value, "b": value})
    assert memory.of(["a", "b"]) == {"a": "z", "b": "z"}


def test_what_is_larger_than_the_limit_is_not_kept() -> None:
    memory = RecentlyUsed[str, str](2, room=_letter_count)
    memory.put({"a": "A", "b": "BBB"})
    assert list(memory) == []


def test_what_is_forgotten_leaves_its_room_to_others() -> None:
    memory = RecentlyUsed[str, str](2)
    memory.put({"a": "A", "b": "B"})
    memory.forget(["a", "never-there"])
    memory.put({"c": "C"})
    assert list(memory) == ["b", "c"]


def _letter_count(texts: Iterable[str]) -> int:
    return len("".join(texts))
