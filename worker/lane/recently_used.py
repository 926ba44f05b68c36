"""A memory of bounded size."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

_Name = TypeVar("_Name")
_Value = TypeVar("_Value")


class RecentlyUsed(Generic[_Name, _Value]):
    """Values by name, which take at most `limit` of room together; those not used for longest go first."""

    def __init__(self, limit: int, room: Callable[[Collection[_Value]], int] = len) -> None:
        """`room` says how much values take: one each, unless it says otherwise."""
        self._limit = limit
        self._room = room
        self._taken = 0
        self._values: OrderedDict[_Name, _Value] = OrderedDict()

    def __iter__(self) -> Iterator[_Name]:
        return iter(self._values)

    def of(self, names: Iterable[_Name]) -> dict[_Name, _Value]:
        """Return those of `names` that are here; they now count as used."""
        found = {}
        for name in names:
            if name in self._values:
                self._values.move_to_end(name)
                found[name] = self._values[name]
        return found

    def put(self, values: Mapping[_Name, _Value]) -> None:
        """Keep `values`, in place of what is here under their names."""
        self._taken += self._room(values.values()) - self._room(self.of(values).values())
        for name, value in values.items():  # faster than `update`
            self._values[name] = value
        while self._taken > self._limit:
            _, oldest = self._values.popitem(last=False)
            self._taken -= self._room([oldest])

    def forget(self, names: Iterable[_Name]) -> None:
        """Drop what is here of `names`."""
        found = self.of(names)
        self._taken -= self._room(found.values())
        for name in found:
            del self._values[name]
