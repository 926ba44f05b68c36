"""Time that passes when a test says so."""

import asyncio


class ClockTwin:
    """The clock of `publisher.stock_view.ports`."""

    def __init__(self) -> None:
        self._now_seconds = 1_000.0
        self._sleepers: list[asyncio.Future[None]] = []

    def now_seconds(self) -> float:
        return self._now_seconds

    def advance(self, seconds: float) -> None:
        """Let time pass; whoever waits for it goes on at the next turn of the loop."""
        self._now_seconds += seconds
        sleepers, self._sleepers = self._sleepers, []
        for sleeper in sleepers:
            if not sleeper.done():
                sleeper.set_result(None)

    async def wait(self, event: asyncio.Event, timeout_seconds: float) -> None:
        ends = [
            asyncio.ensure_future(event.wait()),
            asyncio.ensure_future(self._until(self._now_seconds + timeout_seconds)),
        ]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    async def _until(self, deadline_seconds: float) -> None:
        while self._now_seconds < deadline_seconds:
            sleeper = asyncio.get_running_loop().create_future()
            self._sleepers.append(sleeper)
            await sleeper
