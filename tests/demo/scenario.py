"""The demo from the first command to the proof, on servers that are up."""

import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from publisher.concurrency import run_until_all_end
from tests.demo.columns import ColumnOptions
from tests.demo.errors import DemoError, ImportBroken
from tests.demo.expectation import OPENING_PERCENT, expect, opening_stock
from tests.demo.log_lines import read_log
from tests.demo.progress import shown_progress
from tests.demo.proof import prove
from tests.demo.report import print_report
from tests.demo.shift import Shift
from tests.demo.streaming import AnswerNotes, put_in_stock, stream_log


@dataclass(frozen=True, slots=True)
class Place:
    """Where a demo runs: a broker with none of the project's queues, an empty database, a folder, a screen."""

    amqp_url: str
    database_url: str
    folder: Path
    console: Console


class Scenario:
    """One log, streamed and proven."""

    def __init__(self, path: Path, options: ColumnOptions) -> None:
        """Read the log. Raises `DemoError`."""
        self._path = path
        self._log = read_log(path, options)
        self._opening = opening_stock(self._log.orders)

    async def run(self, place: Place) -> bool:
        """Return whether all is as the log says; the report is printed. Raises `DemoError` where it came to no end."""
        async with Shift(place.amqp_url, place.database_url) as shift:
            self._describe(place.console, shift)
            notes = await self._import(place, shift)
        checks = await prove(place.database_url, expect(self._log, self._opening), notes.verdicts)
        print_report(place.console, notes, checks)
        return all(check.holds for check in checks)

    def _describe(self, console: Console, shift: Shift) -> None:
        skus = {order.sku for order in self._log.orders}
        line_count, units = len(self._log.orders) + len(self._log.no_orders), sum(self._opening.values())
        console.print(f"Log      {escape(self._path.name)}: {line_count:,} lines, {len(skus):,} SKUs")
        console.print(f"Stock    {units:,} units: {OPENING_PERCENT} % of what the log sells of each SKU")
        console.print(f"Worker   process {shift.worker.process_id} is at work")
        console.print()

    async def _import(self, place: Place, shift: Shift) -> AnswerNotes:
        try:
            await put_in_stock(place.amqp_url, self._opening, place.folder)
            return await self._stream(place, shift)
        except ImportBroken as error:
            raise DemoError(f"{error}\nThe end of the worker's log:\n{shift.worker.log_tail}") from error

    async def _stream(self, place: Place, shift: Shift) -> AnswerNotes:
        count = len(self._log.orders)
        with shown_progress(place.console, "Streaming", count) as advance:
            notes = AnswerNotes(count, advance)
            await run_until_all_end(
                stream_log(place.amqp_url, self._path, self._log.columns, notes, place.folder),
                replace_half_way(shift, notes, place.console),
            )
        return notes


async def replace_half_way(shift: Shift, notes: AnswerNotes, console: Console) -> None:
    """Kill the worker once half of the answers are there, and start another."""
    await notes.half_way.wait()
    await shift.worker.kill()
    killed_seconds = time.monotonic()
    console.print(f"Half-way: process {shift.worker.process_id} is killed with SIGKILL")
    await shift.start()
    started_seconds = time.monotonic() - killed_seconds
    console.print(f"Half-way: process {shift.worker.process_id} is at work in its place, {started_seconds:.1f} s later")
