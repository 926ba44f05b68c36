"""The program `order-worker`."""

import typer

from publisher.command_line.version import accept_version
from worker.command_line import migrate, rebuild, run, snapshot, status, verify

application = typer.Typer(
    name="order-worker",
    help="The stock engine behind a shop: never oversells, answers every command, explains each.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done, 1 verify found a difference, status a problem, or rebuild a SKU it cannot fold, "
    "2 usage, 5 a server could not be reached, or the HTTP port is taken, 6 schema, topology, partition count or "
    "virtual host does not fit.",
)
application.callback()(accept_version)
application.command()(run.run)
application.command()(migrate.migrate)
application.command()(status.status)
application.command()(verify.verify)
application.command()(rebuild.rebuild)
application.command()(snapshot.snapshot)


def main() -> None:
    """Run the program."""
    application()
