"""The rows that are compared.

Each knows its place in the merged stream: by SKU, then by version, then what
follows from what: the event, its audit rows, the answers given at that version,
the snapshot of it; the stock rows of a SKU come last, and its reservations after them.
A whole order stands among the SKUs as `order:<its id>`, with its row and what was sold at once for it at the end.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from worker.event_store import OrderRow, ReservationRow

Place = tuple[str, int, int]

_AFTER_EVERY_VERSION = 2**63


@dataclass(frozen=True, slots=True)
class EventLine:
    """A row of `events`."""

    sku: str
    version: int
    event_id: UUID
    event_type: str
    data: str
    command_id: UUID | None
    timestamp: datetime
    """UTC without time zone."""

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, self.version, 0)


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A row of `audit_log`."""

    sku: str
    version: int
    location: str
    delta: int
    balance: int
    command_id: UUID | None
    event_id: UUID
    reserved_delta: int
    timestamp: datetime
    """UTC without time zone."""
    user: str

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, self.version, 1)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A row of `commands`: the stored answer, by the SKU and version it says."""

    sku: str
    """Empty where the answer names none."""
    version: int
    """-1 where the answer names none."""
    command_id: UUID
    partition: int
    sequence: int
    answer: str

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, self.version, 2)


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """A row of `snapshots`."""

    sku: str
    version: int
    state: str
    is_stock: bool
    """Whether it is the store's own fold of stock; else only its maker knows what it must say."""

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, self.version, 3)


@dataclass(frozen=True, slots=True)
class LevelLine:
    """A row of `stock_levels`."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    version: int

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, _AFTER_EVERY_VERSION, 4)


@dataclass(frozen=True, slots=True)
class ReservationLine:
    """A row of `reservations`."""

    row: ReservationRow

    @property
    def sku(self) -> str:
        """Return the SKU that is reserved."""
        return self.row.sku

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, _AFTER_EVERY_VERSION, 5)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A row of `orders`."""

    row: OrderRow
    partition: int

    @property
    def sku(self) -> str:
        """Return what stands for the order."""
        return self.row.aggregate_id

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, _AFTER_EVERY_VERSION, 6)


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A row of `commands` once more: units that were sold at once of an order's last line, by the order."""

    sku: str
    """What stands for the order."""
    units: int

    @property
    def place(self) -> Place:
        """Return the place in the merged stream."""
        return (self.sku, _AFTER_EVERY_VERSION, 7)


Line = EventLine | AuditLine | AnswerLine | SnapshotLine | LevelLine | ReservationLine | OrderLine | SaleLine
