"""The program `order-publisher`."""

import logging

import typer

from publisher.command_line.correcting import adjust, transfer
from publisher.command_line.exit_codes import EPILOG
from publisher.command_line.importing import import_log
from publisher.command_line.lookups import result, stock
from publisher.command_line.ordering import ordering_verb
from publisher.command_line.reserving import extend, fulfil, release, reserve
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
application.command("purchase", help="Take units of a SKU out of stock; refused if fewer are there.", epilog=EPILOG)(
    ordering_verb("purchase")
)
application.command("restock", help="Put units of a SKU into stock.", epilog=EPILOG)(ordering_verb("restock"))
application.command(epilog=EPILOG)(adjust)
application.command(epilog=EPILOG)(transfer)
application.command(epilog=EPILOG)(reserve)
application.command(epilog=EPILOG)(extend)
application.command(epilog=EPILOG)(release)
application.command(epilog=EPILOG)(fulfil)
application.command("import", epilog=EPILOG)(import_log)
application.command(epilog=EPILOG)(watch)
application.command(epilog=EPILOG)(result)
application.command(epilog=EPILOG)(stock)


def main() -> None:
    """Run the program."""
    logging.basicConfig(level=logging.WARNING, format="order-publisher: %(message)s")
    # What the client libraries would say of a lost connection, the publisher's own log says better.
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    application()
