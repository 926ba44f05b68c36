"""The parts of the benchmark, in the order in which they run."""

from collections.abc import Awaitable, Callable, Mapping

from tests.bench import (
    cpu_stages,
    dead_letters,
    event_store_part,
    held_sku,
    history,
    latency,
    memory,
    orders,
    reservations,
    sharing,
    stock_view,
    throughput,
)
from tests.bench.bench import Bench
from tests.bench.report import Section

PARTS: Mapping[str, Callable[[Bench], Awaitable[Section]]] = {
    "throughput": throughput.measure,
    "orders": orders.measure,
    "stages": cpu_stages.measure,
    "latency": latency.measure,
    "history": history.measure,
    "memory": memory.measure,
    "reservations": reservations.measure,
    "event_store": event_store_part.measure,
    "sharing": sharing.measure,
    "stock_view": stock_view.measure,
    "dead_letters": dead_letters.measure,
    "held_sku": held_sku.measure,
}
