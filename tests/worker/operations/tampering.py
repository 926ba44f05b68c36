"""Changes that nobody may make, each to a SKU of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.twins.orders import order
from tests.worker.operations.recorded_shop import RecordedShop
from worker.lane.ports import Delivery
from worker.operations.verification import Difference, Verification, verify


@dataclass(frozen=True, slots=True)
class Tampering:
    """A change to the rows of one SKU, which is called as the kind of the first difference it makes."""

    kind: str
    what: str
    statement: str
    """With `{sku}` in the place of the SKU."""
    message: str

    @property
    def sku(self) -> str:
        """Return a SKU of its own, so that all can be done to one database."""
        return f"{self.kind}, {self.what}"


def history(tamperings: Sequence[Tampering]) -> Iterator[Delivery]:
    """For each SKU: 5 came (version 1), 3 went (version 2), 9 more were refused."""
    for number, tampering in enumerate(tamperings):
        for step, (kind, quantity) in enumerate([("restock", 5), ("purchase", 3), ("purchase", 9)]):
            yield order(10 * number + step + 1, kind, quantity, tampering.sku)


async def verified(shop: RecordedShop) -> tuple[Verification, list[Difference]]:
    differences: list[Difference] = []
    return await verify(shop.connection, differences.append), differences
