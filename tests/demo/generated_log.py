"""An order log of a shop that does not exist, the same for the same seed.

Like a real one, it is skewed: a few SKUs sell most, most orders are small, some
customers send things back, and some orders name no customer.
"""

import csv
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, count, islice
from pathlib import Path

HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "CustomerID")

SKU_COUNT = 1_200
CUSTOMER_COUNT = 800
BASKET_LIMIT_LINES = 20
RETURNABLE_LIMIT_LINES = 2_000
"""How far back a customer may send something back."""

ANONYMOUS_SHARE = 0.25
RETURN_SHARE = 0.12
"""Of the invoices. Returns are short, so they are about 2 in 100 lines."""

ZIPF_EXPONENT = 0.9
"""The SKU of rank r sells as 1 / r ** exponent."""

MEAN_GAP_SECONDS = 240.0
FIRST_INVOICE = 100_001
FIRST_SKU = 20_001
OPENING = datetime(2025, 1, 2, 9, 0)  # noqa: DTZ001  a shop's log names no zone

_QUANTITIES = (1, 2, 3, 4, 6, 8, 10, 12, 24, 48, 96)
_QUANTITY_WEIGHTS = (30, 16, 8, 8, 12, 5, 6, 9, 4, 1.5, 0.5)
_SUFFIXES = ("", "", "", "A", "B", "b")
"""`20014B` and `20014b` are two SKUs, as they are in real logs."""

_ADJECTIVES = ("Red", "Blue", "Large", "Small", "Vintage", "Folding", "Striped", "Wooden", "Enamel", "Round")
_NOUNS = ("teapot", "lantern", "lunch box", "doormat", "bunting", "cake tin", "wall clock", "mug", "basket", "candle")

Row = tuple[str, str, str, str, str, str]


def write_generated_log(path: Path, seed: int, line_count: int) -> None:
    """Write a log of `line_count` lines, and its header, to `path`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(generated_rows(seed, line_count))


def generated_rows(seed: int, line_count: int) -> Iterator[Row]:
    """Yield the rows of the log, in time order: a pure function of its arguments."""
    return islice(_Shop(random.Random(seed)).rows(), line_count)


@dataclass(frozen=True, slots=True)
class _Sold:
    sku: int
    quantity: int
    customer: str


class _Shop:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._skus = [_sku(index) for index in range(SKU_COUNT)]
        self._names = [f"{chance.choice(_ADJECTIVES)} {chance.choice(_NOUNS)}" for _ in self._skus]
        self._by_rank = chance.sample(range(SKU_COUNT), SKU_COUNT)
        self._sales = list(accumulate(rank**-ZIPF_EXPONENT for rank in range(1, SKU_COUNT + 1)))
        self._returnable: deque[_Sold] = deque(maxlen=RETURNABLE_LIMIT_LINES)

    def rows(self) -> Iterator[Row]:
        now = OPENING
        for invoice in count(FIRST_INVOICE):
            now += timedelta(seconds=round(self._chance.expovariate(1 / MEAN_GAP_SECONDS)))
            if self._returnable and self._chance.random() < RETURN_SHARE:
                yield self._row(f"C{invoice}", self._return(), now)
            else:
                yield from (self._row(str(invoice), sold, now) for sold in self._basket())

    def _basket(self) -> list[_Sold]:
        customer = self._customer()
        # A few lines more often than many; never none.
        size = min(1 + int(self._chance.expovariate(1 / 6)), BASKET_LIMIT_LINES)
        ranks = self._chance.choices(self._by_rank, cum_weights=self._sales, k=size)
        quantities = self._chance.choices(_QUANTITIES, weights=_QUANTITY_WEIGHTS, k=size)
        basket = [_Sold(sku, quantity, customer) for sku, quantity in zip(ranks, quantities, strict=True)]
        self._returnable.extend(basket)
        return basket

    def _return(self) -> _Sold:
        sold = self._chance.choice(self._returnable)
        return _Sold(sold.sku, -self._chance.randint(1, sold.quantity), sold.customer)

    def _customer(self) -> str:
        if self._chance.random() < ANONYMOUS_SHARE:
            return ""
        return str(10_000 + self._chance.randrange(CUSTOMER_COUNT))

    def _row(self, invoice: str, sold: _Sold, moment: datetime) -> Row:
        name = self._names[sold.sku]
        return (invoice, self._skus[sold.sku], name, str(sold.quantity), str(moment), sold.customer)


def _sku(index: int) -> str:
    number, suffix = divmod(index, len(_SUFFIXES))
    # The plain codes are numbers of their own; the lettered ones share one, as variants of a product do.
    return f"{FIRST_SKU + 10 * number + (suffix if not _SUFFIXES[suffix] else 9)}{_SUFFIXES[suffix]}"
