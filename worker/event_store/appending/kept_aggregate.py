"""What the store keeps of an aggregate between two appends: decisions need no replay."""

from dataclasses import dataclass, field

from worker.event_store.events import Event
from worker.event_store.stock import stock_changes


@dataclass(slots=True)
class KeptAggregate:
    """The state of one aggregate after `version` events, in units by item."""

    version: int = 0
    on_hand: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    """Held for others; the lanes' business, so it is only carried along."""
    rows_lag: bool = False
    """Another program appended without stock rows: all are brought up to date with the next one that is written."""

    def available(self, item_id: str) -> int:
        """Return how many units can be taken."""
        return self.on_hand.get(item_id, 0) - self.reserved.get(item_id, 0)

    def oversold(self) -> set[str]:
        """Return the items of which another program took more than there was: the table of stock refuses their rows."""
        if not self.rows_lag:
            return set()
        return {item_id for item_id in self.on_hand if self.available(item_id) < 0}

    def apply(self, event: Event) -> None:
        """Move on by `event`, the next one."""
        self.version = event.version
        for change in stock_changes(event.event_type, event.data):
            self.on_hand[change.item_id] = self.on_hand.get(change.item_id, 0) + change.delta

    def copy(self) -> "KeptAggregate":
        """Return one that changes by itself."""
        return KeptAggregate(self.version, dict(self.on_hand), dict(self.reserved), self.rows_lag)
