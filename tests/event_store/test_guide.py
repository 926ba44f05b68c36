"""The program in the guide runs as it stands there."""

import asyncio
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, generate_latest

from tests.event_store.pools import WriteOnlyPool
from worker.event_store import EventStore

GUIDE = Path(__file__).parents[2] / "docs" / "event-store.md"


def _program(number: int) -> str:
    programs: list[str] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return programs[number]


async def test_the_first_program_of_the_guide_runs(migrated_database_url: str) -> None:
    program = _program(0)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        "-c",
        program,
        migrated_database_url,
        cwd=GUIDE.parents[1],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert (process.returncode, errors.decode()) == (0, "")
    assert set(output.decode().splitlines()) == {
        "Insufficient stock: 7 < 8",
        "2 StockRemoved {'item_id': 'main', 'quantity': 3}",
    }


async def test_the_counters_are_exported_as_the_guide_says() -> None:
    names: dict[str, Any] = {}
    try:
        exec(_program(-1), names)  # noqa: S102 - it is our own guide
        store = EventStore(WriteOnlyPool(), counters=names["counters"])
        await store.append_event("A", "Noted", {})
        await store.append_event("A", "Noted", {})
        page = generate_latest().decode().splitlines()
    finally:
        for collector in [each for each in REGISTRY._collector_to_names if "EventStore" in type(each).__name__]:  # noqa: SLF001
            REGISTRY.unregister(collector)
    exported = {line.split()[0]: float(line.split()[1]) for line in page if line.startswith("event_store_")}
    assert exported == {f"event_store_{name}_total": value for name, value in asdict(store.counters).items()}
    assert exported["event_store_appended_events_total"] == 2
