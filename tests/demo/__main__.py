"""`python -m tests.demo [--log FILE]`: an order log through a worker that is killed half-way, and the proof.

Exit status: 0 all is as the log says, 1 it is not, or the demo came to no end,
2 wrong use, 130 interrupted. Whatever the end, nothing is left running.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.demo.columns import USUAL_ORDER, USUAL_QUANTITY, USUAL_SKU, USUAL_USER, ColumnOptions
from tests.demo.errors import DemoError
from tests.demo.generated_log import write_generated_log
from tests.demo.orders.scenario import OrdersScenario
from tests.demo.scenario import Place, Scenario
from tests.services import Services, ServicesError, provide
from tests.services.broker_names import delete_project_names
from tests.services.databases import fresh_database
from tests.services.interruption import termination_as_interrupt

INTERRUPTED = 130
WIDTH_LIMIT_COLUMNS = 80
DEFAULT_SEED = 1
DEFAULT_LINES = 40_000
REAL_LOG = (
    "Chen, D. (2015). Online Retail. UCI Machine Learning Repository. https://doi.org/10.24432/C5BW33 (CC BY 4.0)"
)


def main(arguments: Sequence[str]) -> int:
    """Run the demo, and return the exit status."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, emoji=False)
    console = Console(highlight=False, emoji=False, width=min(console.width, WIDTH_LIMIT_COLUMNS))
    try:
        with termination_as_interrupt(), tempfile.TemporaryDirectory(prefix="orders-demo-") as folder:
            return 0 if _run(options, Path(folder), console) else 1
    except (DemoError, ServicesError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted; what it started is gone", file=sys.stderr)
        return INTERRUPTED


def _run(options: argparse.Namespace, folder: Path, console: Console) -> bool:
    path = options.log or _generated(folder, options.seed, options.lines)
    columns = ColumnOptions(options.sku_column, options.quantity_column, options.user_column, options.order_column)
    scenario = _scenario(path, columns, options)  # before the servers: what is wrong with the log shows at once
    console.print("Starting RabbitMQ and PostgreSQL")
    started = time.monotonic()
    with provide() as services:
        console.print(f"Servers  {services.kind}, ready after {time.monotonic() - started:.0f} s")
        return asyncio.run(_run_on(services, scenario, folder, console))


def _scenario(path: Path, columns: ColumnOptions, options: argparse.Namespace) -> Scenario | OrdersScenario:
    if options.orders or options.at_once is not None:
        return OrdersScenario(path, columns, options.at_once)
    return Scenario(path, columns)


def _generated(folder: Path, seed: int, line_count: int) -> Path:
    path = folder / f"generated-{seed}.csv"
    write_generated_log(path, seed, line_count)
    return path


async def _run_on(services: Services, scenario: Scenario | OrdersScenario, folder: Path, console: Console) -> bool:
    await delete_project_names(services.amqp_url)
    try:
        async with fresh_database(services.database_url) as database_url:
            return await scenario.run(Place(services.amqp_url, database_url, folder, console))
    finally:
        await delete_project_names(services.amqp_url)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.demo",
        description="Stream an order log through a worker, kill it half-way, and prove the stock.",
        epilog=f"A real log to try it on: {REAL_LOG}",
    )
    log = parser.add_argument_group("a log of your own: CSV, plain or gzip; a negative quantity is a return")
    log.add_argument("--log", type=Path, metavar="FILE")
    log.add_argument("--sku-column", metavar="NAME", help=f"default: {USUAL_SKU}")
    log.add_argument("--quantity-column", metavar="NAME", help=f"default: {USUAL_QUANTITY}")
    log.add_argument("--user-column", metavar="NAME", help=f"default: {USUAL_USER}, if there is one")
    log.add_argument("--order-column", metavar="NAME", help=f"default: {USUAL_ORDER}, if there is one")
    orders = parser.add_argument_group("whole orders")
    orders.add_argument("--orders", action="store_true", help="place each invoice whole, or not at all")
    orders.add_argument("--at-once", type=_positive, metavar="COUNT", help="1: one invoice at a time, as in a fold")
    generated = parser.add_argument_group("the log that is generated otherwise")
    generated.add_argument("--seed", type=int, default=DEFAULT_SEED, help=f"default: {DEFAULT_SEED}")
    generated.add_argument("--lines", type=_positive, default=DEFAULT_LINES, help=f"default: {DEFAULT_LINES}")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
