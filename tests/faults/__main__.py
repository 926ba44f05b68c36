"""See `tests.faults`."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence

from rich.console import Console

from tests.bench.machine import described
from tests.faults.campaign import Campaign, conduct
from tests.faults.cluster.nodes import three_nodes
from tests.faults.kinds.kind import Need
from tests.faults.mutating import prove_checker
from tests.faults.options import chosen_weights, parser
from tests.faults.place import prepared_cluster
from tests.faults.report import print_report, report, write_report
from tests.faults.schedule import Fault, plan
from tests.services import Services, ServicesError, provide
from tests.services.interruption import termination_as_interrupt
from tests.services.services import Server

INTERRUPTED = 130
LAST_KILLS = 6
"""Some two or three partitions each: enough for a median of takeover times."""


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 0 where nothing was violated, 1 where something was."""
    options = parser().parse_args(arguments)
    if options.list:
        for fault in _plan(options, _needs(options) | Need.SMALL_DISK):
            print(fault)
        return 0
    console = Console()
    try:
        if options.three_nodes:
            with termination_as_interrupt(), three_nodes() as (services, nodes):
                return asyncio.run(_campaign(services, options, console, nodes))
        with provide() as services:
            if options.mutants:
                return asyncio.run(prove_checker(services, options.mutants, options.seed, options.folder, console))
            return asyncio.run(_campaign(services, options, console))
    except ServicesError as error:
        console.print(f"make faults: {error}", markup=False, style="red")
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def _needs(options: Namespace) -> Need:
    return Need.THREE_NODES if options.three_nodes else Need.ONE_NODE


def _plan(options: Namespace, available: Need) -> list[Fault]:
    return plan(options.seed, options.duration, chosen_weights(options.kinds, available), options.every)


async def _campaign(services: Services, options: Namespace, console: Console, nodes: Sequence[Server] = ()) -> int:
    async with prepared_cluster(services, options.folder, nodes=nodes) as cluster:
        disk = Need.NOTHING if cluster.disk is None else Need.SMALL_DISK
        faults = _plan(options, _needs(options) | disk)
        console.print(f"Seed {options.seed}: {len(faults)} faults in {options.duration:.0f} s")
        for fault in faults:
            console.print(str(fault), markup=False, highlight=False)
        if cluster.disk is None:
            console.print("No disk is filled: that takes root and native servers.")
        outcome = await conduct(
            Campaign(options.seed, faults, options.duration, last_kills=LAST_KILLS),
            cluster,
            lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True),
        )
        conditions = await described(services.amqp_url, services.database_url, services.kind)
    figures = report(outcome, options.seed)
    write_report(figures, conditions, options.folder / "report.json")
    print_report(console, outcome.folder, figures)
    return 1 if outcome.verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
