"""The invoices of a log, streamed and proven, on servers that are up."""

from pathlib import Path

from rich.markup import escape

from publisher.concurrency import run_until_all_end
from tests.demo.columns import ColumnOptions
from tests.demo.errors import DemoError, ImportBroken
from tests.demo.expectation import OPENING_PERCENT, opening_stock
from tests.demo.log_lines import read_log
from tests.demo.orders.expectation import fold_in_turn
from tests.demo.orders.history import read_history
from tests.demo.orders.invoices import invoices_of
from tests.demo.orders.proof import prove_orders
from tests.demo.orders.streaming import OrderNotes, stream_orders
from tests.demo.progress import shown_progress
from tests.demo.report import print_report
from tests.demo.scenario import Place, replace_half_way
from tests.demo.shift import Shift
from tests.demo.streaming import put_in_stock


class OrdersScenario:
    """One log; with `at_once` 1, one invoice at a time."""

    def __init__(self, path: Path, options: ColumnOptions, at_once: int | None) -> None:
        """Read the log. Raises `DemoError`, also where it names no orders."""
        log = read_log(path, options)
        if log.columns.order is None:
            raise DemoError("the log has no column InvoiceNo that names the order of a line: say --order-column NAME")
        self._path = path
        self._columns = log.columns
        self._log = invoices_of(log)
        self._opening = opening_stock(log.orders)
        self._at_once = at_once

    async def run(self, place: Place) -> bool:
        """Return whether all is as the log says; the report is printed. Raises `DemoError` where it came to no end."""
        async with Shift(place.amqp_url, place.database_url) as shift:
            place.console.print(f"Log      {escape(self._path.name)}: {len(self._log.invoices):,} invoices")
            place.console.print(f"Stock    {OPENING_PERCENT} % of what the log sells of each SKU")
            place.console.print(f"Worker   process {shift.worker.process_id} is at work")
            place.console.print()
            notes = await self._import(place, shift)
            history = await read_history(place.database_url)
        in_turn = fold_in_turn(self._log, self._opening) if self._at_once == 1 else None
        checks = prove_orders(self._log, self._opening, notes, history, in_turn)
        print_report(place.console, notes, checks)
        return all(check.holds for check in checks)

    async def _import(self, place: Place, shift: Shift) -> OrderNotes:
        count = len(self._log.invoices) + len(self._log.returns)
        try:
            await put_in_stock(place.amqp_url, self._opening, place.folder)
            with shown_progress(place.console, "Streaming", count) as advance:
                notes = OrderNotes(count, advance)
                await run_until_all_end(
                    stream_orders(place.amqp_url, self._path, self._columns, notes, self._at_once),
                    replace_half_way(shift, notes, place.console),
                )
        except ImportBroken as error:
            raise DemoError(f"{error}\nThe end of the worker's log:\n{shift.worker.log_tail}") from error
        return notes
