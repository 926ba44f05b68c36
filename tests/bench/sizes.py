"""How much is measured."""

from dataclasses import dataclass, field

from tests.bench.event_store import EventStoreSizes


@dataclass(frozen=True, slots=True)
class Sizes:
    """The full size: what the published figures are measured with."""

    rounds: int = 5
    backlog_commands: int = 20_000
    backlog_orders: int = 3_000
    stage_commands: int = 60_000
    latency_rounds: int = 3
    latency_seconds: float = 15.0
    history_commands: int = 5_000_000
    history_rounds: int = 3
    memory_skus: int = 100_000
    memory_commands: int = 500_000
    sharing_rounds: int = 3
    due_reservations: int = 40_000
    open_reservations: int = 100_000
    stock_view_seconds: float = 60.0
    dead_letters: int = 1_000_000
    event_store: EventStoreSizes = field(default_factory=EventStoreSizes)


QUICK = Sizes(
    rounds=2,
    backlog_commands=6_000,
    backlog_orders=800,
    stage_commands=20_000,
    latency_rounds=1,
    latency_seconds=6.0,
    history_commands=100_000,
    history_rounds=2,
    memory_skus=10_000,
    memory_commands=50_000,
    sharing_rounds=1,
    due_reservations=10_000,
    open_reservations=10_000,
    stock_view_seconds=20.0,
    dead_letters=20_000,
    event_store=EventStoreSizes(appends=400, batches=4, history_events=50_000),
)
"""Shows that everything works, in two minutes; its figures mean little."""
