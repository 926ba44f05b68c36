"""Lets only a few of the lanes with a backlog be at work at a time.

With a backlog everywhere, sixteen lanes side by side commit a handful of
commands each, and every commit costs a round trip and a flush to disk. Where a
few work at a time, the others' batches grow meanwhile: measured, from about 20
commands to over 100, at two thirds of the CPU per command. Nobody waits for a
timer, and a lane without a backlog waits for nobody.
"""

import asyncio

LANES_AT_WORK_LIMIT = 4
"""One that decides, while others wait for the database and for the broker's confirms."""


BACKLOG_COMMANDS = 32
"""From so many on, a batch may wait for its turn: fewer are a lane that keeps up, and should be answered at once."""


class Turn:
    """One lane's turn: taken before a batch, given back after it or while waiting for a server."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._held = False

    async def take(self) -> None:
        """Wait for a free turn; at once where it is held already."""
        if not self._held:
            await self._turns.acquire()
            self._held = True

    def give_back(self) -> None:
        """Let another lane work; nothing happens where it is not held."""
        if self._held:
            self._held = False
            self._turns.release()
