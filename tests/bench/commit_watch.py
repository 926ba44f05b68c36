"""When commits became visible, watched from a session of its own.

The database notes a commit's time before it flushes it to disk; until the flush has
ended nobody can see the commit. So a session asks all the time how far every partition
is. An answer that does not show a number yet proves that its commit became visible
after that question was asked: what is counted from there is at least as long as it was.
"""

import asyncio
import gc
import time
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import asyncpg

ASK_INTERVAL_SECONDS = 0.001
"""Bounds a few milliseconds apart, for a tenth of a core: the database's half of that included."""

_HEADS = "SELECT partition, sequence FROM partitions"


class Visible(NamedTuple):
    """A commit became visible between these two moments of the wall clock."""

    after: float
    before: float


class CommitWatch:
    """Knows of every number of every partition when its commit became visible."""

    def __init__(self) -> None:
        # In arrays, where the garbage collector has nothing to look at.
        self._sequences: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
        self._after: defaultdict[int, array[float]] = defaultdict(lambda: array("d"))
        self._before: defaultdict[int, array[float]] = defaultdict(lambda: array("d"))
        self._asked = float("-inf")

    async def run(self, database_url: str) -> None:
        """Ask until cancelled; nothing that exists by now is collected any more."""
        gc.collect()
        gc.freeze()  # to go through all that the benchmark has imported would stop the questions for 0.1 s
        connection = await asyncpg.connect(database_url)
        try:
            statement = await connection.prepare(_HEADS)
            while True:
                asked = time.time()
                heads = await statement.fetch()
                self.note(asked, time.time(), heads)
                await asyncio.sleep(ASK_INTERVAL_SECONDS)
        finally:
            await connection.close()

    def note(self, asked: float, answered: float, heads: Iterable[tuple[int, int]]) -> None:
        """Take note of the last number of each partition, as one question found them; the questions are in order."""
        for partition, sequence in heads:
            sequences = self._sequences[partition]
            if not sequences or sequence > sequences[-1]:
                sequences.append(sequence)
                self._after[partition].append(self._asked)
                self._before[partition].append(answered)
        self._asked = asked

    def visible(self, partition: int, sequence: int) -> Visible:
        """Return the bounds for an answer that was seen. Raises `IndexError` for one that was not."""
        place = bisect_left(self._sequences[partition], sequence)
        return Visible(self._after[partition][place], self._before[partition][place])
