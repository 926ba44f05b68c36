"""What publishers sent, what consumers received, and what the database holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Body = Mapping[str, Any]


@dataclass(slots=True)
class Sending:
    """One message of a publisher, through all its tries."""

    name: str
    """Its correlation id: of a command, the command's id."""
    subject: str
    """`command`, `again`, `conflict` or `rubbish`."""
    publisher: str
    sku: str
    routing_key: str
    body: Body
    position: int
    """Rises with each first try of its publisher."""
    first_at: float
    last_at: float
    outcome: str = "unknown"
    """`ok` where any try was confirmed; `refused` where the broker took none; else `unknown`."""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """One message as a consumer got it."""

    at: float
    queue: str
    name: str | None
    redelivered: bool
    text: str
    answer: Body
    """Empty where it is no JSON object."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row of the table `commands`."""

    name: str
    partition: int
    sequence: int
    text: str
    answer: Body


@dataclass(slots=True)
class History:
    """All that a verdict may look at."""

    partition_count: int
    ended_at: float
    sent: list[Sending]
    received: list[Receipt]
    recorded: dict[str, Recorded]
    events: list[Row]
    audit: list[Row]
    levels: list[Row]
    reservations: list[Row]
    partitions: list[Row]
    orders: list[Row] = field(default_factory=list)
    """Whole orders."""
    undecided: frozenset[str] = frozenset()
    """Commands that are recorded and have no answer yet: orders that are not decided."""
    faults: list[Row] = field(default_factory=list)
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Messages left in each queue."""
    feed: str = ""
    """The queue that gets every answer."""
    private: Mapping[str, str] = field(default_factory=dict)
    """Queues that get one publisher's answers, by publisher."""
    dead_letters: str = ""
    """What stands for the ledger of what was set aside, as if that were a queue."""

    def of(self, *subjects: str) -> list[Sending]:
        """Return what was sent of these subjects."""
        return [sending for sending in self.sent if sending.subject in subjects]
