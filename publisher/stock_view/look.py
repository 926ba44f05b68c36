"""What one query finds: how far every partition is, the stock of some SKUs, and late answers, all as of one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from publisher.stock_view.sku_stock import SkuStock
from schemas.results import Result


class Head(NamedTuple):
    """How far a partition is."""

    partition: int
    epoch: int
    """Rises with each new owner, and when `rebuild` corrects stock."""
    sequence: int
    """The number of its last answer."""


@dataclass(frozen=True, slots=True)
class Look:
    """One consistent snapshot of the database."""

    heads: Sequence[Head]
    """One for each partition."""
    stocks: Mapping[str, SkuStock]
    """One for each SKU that was asked for, unknown ones included."""
    answers: Sequence[Result] = ()
    """Of the partitions that were asked for, the next ones, in the order of their numbers; perhaps not all."""
