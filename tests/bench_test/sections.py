"""A run that might have been."""

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
from tests.bench.report import Section
from tests.bench.samples import Sample, Spread
from tests.bench.stages import Stage

RATE = Spread.of([9_876.0, 12_345.6, 11_111.0])

_APPLICATION = {
    "reads": 270_000,
    "read_milliseconds": {"p50": 0.004, "p99": 1.234, "p99.9": 4.321},
    "hit_ratio": 0.9912,
    "peeks_per_second": 512_345.6,
    "requests_per_second": 4_998.7,
    "visible_milliseconds": {"p50": 4.3, "p99": 21.0, "max": 99.9},
    "begun_milliseconds": {"p50": 9.3, "p99": 31.0, "max": 199.9},
    "wrong_readings": 0,
    "doubtful_readings": 3,
}

_MEMORY_SAMPLES = [
    Sample(1.0, 5, 1.0, 60_000_000),
    Sample(2.0, 100_000, 2.0, 99_000_000),
    Sample(3.0, 250_000, 2.0, 99_000_000),
    Sample(4.0, 500_000, 2.0, 99_000_000),
]

_PAUSES = sharing.Pauses(*([seconds] * 6 for seconds in (0.3, 0.4, 0.5, 1.2, 14.0, 0.9)))


def complete_sections() -> dict[str, Section]:
    """Return every part's section, by its name; all contenders are equally fast."""
    rates = dict.fromkeys(("worker", "echo", "per-message"), RATE)
    return {
        "throughput": throughput.section(rates, rates),
        "orders": orders.section(RATE, RATE),
        "stages": cpu_stages.section(97.5, dict.fromkeys(Stage, 10)),
        "latency": latency.section({name: {50: RATE, 99: RATE} for name in ("worker", "echo")}),
        "history": history.section(5_000_000, RATE, RATE),
        "memory": memory.section(_MEMORY_SAMPLES, 100_000, 500_000),
        "reservations": reservations.section(RATE, RATE, 0.4, 100_000),
        "stock_view": stock_view.section([_APPLICATION] * 2, [_APPLICATION] * 2),
        "event_store": event_store_part.section({"append_100_writers_plain_events_per_second": 12_345.6}),
        "sharing": sharing.section(_PAUSES, 0),
        "dead_letters": dead_letters.section(dict.fromkeys(dead_letters.NAMES, (0.9, 0.7, 1.1)), 1_000_000),
        "held_sku": held_sku.section(RATE, RATE, 100),
    }
