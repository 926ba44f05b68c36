"""What one reader asks for, and what of it can be answered by now."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from publisher.stock_view.knowledge import StockKnowledge
from publisher.stock_view.reading import StockReading
from publisher.stock_view.sku_stock import SkuStock


class _Looked(NamedTuple):
    stock: SkuStock
    begun_seconds: float


class Question:
    """The stock of `skus` at `location`, asked for at `asked_seconds`.

    What memory proves is read anew each time, since it may be too old once the
    rest is found. What a look has found that began after the reader asked stays
    an answer, however long the rest takes.
    """

    def __init__(
        self,
        knowledge: StockKnowledge,
        skus: Collection[str],
        location: str,
        *,
        at_least: int,
        asked_seconds: float,
        max_age_seconds: float,
    ) -> None:
        """Of memory, only versions from `at_least` on will do; a look tells what there is."""
        self._knowledge = knowledge
        self._skus = skus
        self._location = location
        self._at_least = at_least
        self._asked_seconds = asked_seconds
        self._max_age_seconds = max_age_seconds
        self._looked: dict[str, _Looked] = {}

    def note(self, found: Mapping[str, SkuStock], begun_seconds: float) -> None:
        """Take note of a look that began at `begun_seconds`."""
        for sku in self._skus:
            stock = found.get(sku)
            if stock is not None:
                self._looked[sku] = _Looked(stock, begun_seconds)

    def readings(self, now_seconds: float) -> dict[str, StockReading]:
        """Return what can be answered now; it is all, once there is one for each SKU."""
        found = {sku: self._reading(sku, now_seconds) for sku in self._skus}
        return {sku: reading for sku, reading in found.items() if reading is not None}

    def _reading(self, sku: str, now_seconds: float) -> StockReading | None:
        looked = self._looked.get(sku)
        reading = self._knowledge.read(sku, self._location, now_seconds)
        # The database may hold more than is proven: who wants a version has a look of its own.
        if reading is not None and (reading.version >= self._at_least or looked is not None):
            return reading
        return None if looked is None else self._looked_up(sku, looked, now_seconds)

    def _looked_up(self, sku: str, looked: _Looked, now_seconds: float) -> StockReading | None:
        stock, begun_seconds = looked
        age_seconds = now_seconds - begun_seconds
        if begun_seconds < self._asked_seconds and age_seconds > self._max_age_seconds:
            return None
        on_hand, reserved = stock.at(self._location)
        return StockReading(sku, self._location, on_hand, reserved, stock.version, age_seconds, stale=False)
