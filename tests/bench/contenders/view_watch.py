"""When a stock view shows what has been committed, to a reader who asks all the time."""

import asyncio
import time

from publisher import StockView
from tests.bench.contenders.number_rows import NumberRows
from tests.bench.visibility import Shown
from tests.bench.workload import sku_name

WATCHED_SKUS = [sku_name(number) for number in range(5)]
"""The hottest."""

WATCH_INTERVAL_SECONDS = 0.001


class ViewWatch:
    """Asks for the hottest SKUs a thousand times a second, and waits for an answer where memory has none."""

    def __init__(self, view: StockView) -> None:
        self._view = view
        self._newest: dict[str, int] = {}
        self._shown = NumberRows("iqd")
        self.hits = 0
        """Those of its own that the view has counted."""
        self.misses = 0

    def shown(self) -> list[Shown]:
        """Return what has been shown so far."""
        return [Shown(WATCHED_SKUS[int(place)], int(version), moment) for place, version, moment in self._shown]

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            missing = [sku for sku in WATCHED_SKUS if not self._is_known(sku)]
            if missing:
                self.misses += 2 * len(missing)  # of the peek, and of what follows
                for sku, reading in (await self._view.get_many(missing)).items():
                    self._note(sku, reading.version)
            await asyncio.sleep(WATCH_INTERVAL_SECONDS)

    def _is_known(self, sku: str) -> bool:
        reading = self._view.peek(sku)
        if reading is None:
            return False
        self.hits += 1
        self._note(sku, reading.version)
        return True

    def _note(self, sku: str, version: int) -> None:
        moment = time.time()
        newest = self._newest.get(sku, version)
        for number in range(newest + 1, version + 1):
            self._shown.append(WATCHED_SKUS.index(sku), number, moment)
        self._newest[sku] = version
