"""What a contender takes note of all the time, kept so that its garbage collector has nothing to look at."""

from array import array
from collections.abc import Iterator


class NumberRows:
    """Rows of numbers. A list of 270,000 tuples makes each full collection stop the process for up to 0.1 s."""

    def __init__(self, typecodes: str) -> None:
        """`typecodes` has a letter for each column, as `array` knows them."""
        self._columns: list[array[float]] = [array(typecode) for typecode in typecodes]

    def __len__(self) -> int:
        return len(self._columns[0])

    def append(self, *row: float) -> None:
        for column, number in zip(self._columns, row, strict=True):
            column.append(number)

    def __iter__(self) -> Iterator[tuple[float, ...]]:
        return zip(*self._columns, strict=True)
