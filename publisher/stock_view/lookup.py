"""Finds what memory cannot answer: in a look; or, where the database is away, in what was known last."""

from collections.abc import Callable, Collection, Iterable

from pydantic import TypeAdapter, ValidationError

from publisher.errors import DatabaseUnavailable, InvalidInput
from publisher.stock_view.counters import StockViewCounters
from publisher.stock_view.knowledge import StockKnowledge
from publisher.stock_view.looking import Looker
from publisher.stock_view.question import Question
from publisher.stock_view.reading import StockReading
from schemas.explanations import explain
from schemas.texts import Sku

_SKU = TypeAdapter(Sku)


class Lookup:
    """For all readers of one view."""

    def __init__(
        self,
        knowledge: StockKnowledge,
        looker: Looker,
        counters: StockViewCounters,
        now_seconds: Callable[[], float],
        *,
        max_age_seconds: float,
    ) -> None:
        """Share a look that began up to `max_age_seconds` ago, and no older one."""
        self._knowledge = knowledge
        self._looker = looker
        self._counters = counters
        self._now_seconds = now_seconds
        self._max_age_seconds = max_age_seconds

    async def find(
        self, skus: Collection[str], location: str, *, at_least: int = 0, stale_ok: bool
    ) -> dict[str, StockReading]:
        """Return the stock of all `skus`, once it is known; see `CoherentStock.get`."""
        for sku in skus:
            _require_sku(sku)
        if stale_ok and self._looker.database_is_away:
            # The next look may take its whole timeout to fail: readers that can do without do not wait for it.
            stale = self._all_last_known(skus, location)
            if stale is not None:
                return stale
        try:
            return await self._looked_up(skus, location, at_least)
        except DatabaseUnavailable:
            stale = self._all_last_known(skus, location) if stale_ok else None
            if stale is None:
                raise
            return stale

    def last_known(self, sku: str, location: str) -> StockReading | None:
        """Return what was known last, marked `stale`; None where there is nothing."""
        known = self._knowledge.last_known(sku)
        if known is None:
            return None
        self._counters.stale_readings += 1
        stock, as_of_seconds = known
        on_hand, reserved = stock.at(location)
        age_seconds = self._now_seconds() - as_of_seconds
        return StockReading(sku, location, on_hand, reserved, stock.version, age_seconds, stale=True)

    def _all_last_known(self, skus: Iterable[str], location: str) -> dict[str, StockReading] | None:
        now_seconds = self._now_seconds()
        stale = {
            sku: self._knowledge.read(sku, location, now_seconds) or self.last_known(sku, location) for sku in skus
        }
        found = {sku: reading for sku, reading in stale.items() if reading is not None}
        return found if len(found) == len(stale) else None

    async def _looked_up(self, skus: Collection[str], location: str, at_least: int) -> dict[str, StockReading]:
        question = Question(
            self._knowledge,
            skus,
            location,
            at_least=at_least,
            asked_seconds=self._now_seconds(),
            max_age_seconds=self._max_age_seconds,
        )
        readings = question.readings(self._now_seconds())
        while len(readings) < len(skus):
            for batch in self._looker.ask([sku for sku in skus if sku not in readings]):
                await batch.ended.wait()
                if batch.error is not None and not batch.skus.keys().isdisjoint(set(skus) - readings.keys()):
                    raise batch.error.told()
                if batch.begun_seconds is not None:
                    question.note(batch.found, batch.begun_seconds)
                readings = question.readings(self._now_seconds())
                if len(readings) == len(skus):
                    break
        return readings


def _require_sku(sku: str) -> None:
    try:
        _SKU.validate_python(sku, strict=True)
    except ValidationError as error:
        raise InvalidInput(f"sku: {explain(error)}") from error
