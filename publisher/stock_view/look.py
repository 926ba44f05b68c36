"""What one query finds: how far every partition is, and the stock of some SKUs, all as of one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from publisher.stock_view.sku_stock import SkuStock


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
