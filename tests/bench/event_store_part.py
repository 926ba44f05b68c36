"""The event store as a library, on a database of its own."""

from collections.abc import Mapping

from tests.bench import event_store
from tests.bench.bench import Bench
from tests.bench.report import Section
from tests.services.databases import fresh_database
from worker.database.migrator import migrate


async def measure(bench: Bench) -> Section:
    """Return the figures of `tests.bench.event_store`."""
    async with fresh_database(bench.database_server_url) as database_url:
        await migrate(database_url)
        return section(await event_store.measure(database_url, bench.sizes.event_store))


def section(figures: Mapping[str, float]) -> Section:
    rows = [
        (name.replace("_", " "), f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}")
        for name, figure in figures.items()
    ]
    return Section("Event store as a library", ("figure",), rows, goals=(), figures=dict(figures))
