"""The states a lane keeps in memory, so that a decision costs no read."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from worker.domain import Stock


class StockCache:
    """The stock of at most `limit` SKUs; those not used for longest go first.

    Valid only within one term: who claims anew starts with an empty one.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._stocks: OrderedDict[str, Stock] = OrderedDict()

    def missing(self, skus: Iterable[str]) -> list[str]:
        """Return those of `skus` that are not here, each once; the others now count as used."""
        missing = []
        for sku in dict.fromkeys(skus):
            if sku in self._stocks:
                self._stocks.move_to_end(sku)
            else:
                missing.append(sku)
        return missing

    def put(self, stocks: Mapping[str, Stock]) -> None:
        """Keep `stocks`, replacing older states of the same SKUs."""
        for sku, stock in stocks.items():
            self._stocks[sku] = stock
            self._stocks.move_to_end(sku)

    def forget(self, skus: Iterable[str]) -> None:
        """Drop what is known of `skus`."""
        for sku in skus:
            self._stocks.pop(sku, None)

    def trim(self) -> None:
        """Drop what is over the limit; called between batches, so that a batch's own SKUs all stay."""
        while len(self._stocks) > self._limit:
            self._stocks.popitem(last=False)

    @property
    def stocks(self) -> Mapping[str, Stock]:
        """All that is here, by SKU."""
        return self._stocks
