"""The program `order-publisher`."""

import logging

import typer

from publisher.command_line.dead_letters import dead_letters_application
from publisher.command_line.exit_codes import EPILOG
from publisher.command_line.importing import import_log
from publisher.command_line.lookups import result, stock
from publisher.command_line.order_verbs import ORDER_VERBS
from publisher.command_line.stock_verbs import STOCK_VERBS
from publisher.command_line.version import accept_version
from publisher.command_line.watching import watch

application = typer.Typer(
    name="order-publisher",
    help="Send orders to the stock engine, and see what became of them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EPILOG,
)
application.callback()(accept_version)
for verb in (*STOCK_VERBS, *ORDER_VERBS):
    application.command(epilog=EPILOG)(verb)
application.command("import", epilog=EPILOG)(import_log)
application.command(epilog=EPILOG)(watch)
application.command(epilog=EPILOG)(result)
application.command(epilog=EPILOG)(stock)
application.add_typer(dead_letters_application)


def main() -> None:
    """Run the program."""
    logging.basicConfig(level=logging.WARNING, format="order-publisher: %(message)s")
    # What the client libraries would say of a lost connection, the publisher's own log says better.
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    application()
