"""The verbs that ask for one thing of one SKU.

A declaration each: its name is the command's type, its parameters are the fields
that only this command has. `asking` adds what all of them share, and the work.
"""

from typing import Annotated

import typer

from publisher.command_line.asking import asking

Sku = Annotated[str, typer.Argument(metavar="SKU", show_default=False)]
Quantity = Annotated[int, typer.Argument(metavar="QUANTITY", help="Units, at least 1", show_default=False)]
ReservationId = Annotated[str, typer.Argument(metavar="RESERVATION", help="Its id, of your choice", show_default=False)]
Part = Annotated[int | None, typer.Option("--quantity", metavar="UNITS", help="A part  [default: all that is held]")]


@asking
def purchase(sku: Sku, quantity: Quantity) -> None:
    """Take units of a SKU out of stock, if they are there."""


@asking
def restock(sku: Sku, quantity: Quantity) -> None:
    """Put units of a SKU into stock."""


@asking
def adjust(
    sku: Sku,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the audit")],
    set_to: Annotated[int | None, typer.Option(metavar="UNITS", help="What was counted")] = None,
    difference: Annotated[int | None, typer.Option(metavar="UNITS", help="Up, or with a minus sign down")] = None,
) -> None:
    """Correct what is on hand, by a count or a difference."""


@asking
def transfer(
    sku: Sku,
    quantity: Quantity,
    to_location: Annotated[str, typer.Option("--to", metavar="NAME", help="Where the units go")],
) -> None:
    """Move units to another location, if they are available."""


@asking
def reserve(
    sku: Sku,
    quantity: Quantity,
    reservation_id: ReservationId,
    expires_in: Annotated[
        int | None, typer.Option("--expires-in", metavar="SECONDS", help="At most 30 days  [default: no end]")
    ] = None,
) -> None:
    """Hold units for somebody, if they are available."""


@asking
def extend(
    sku: Sku,
    reservation_id: ReservationId,
    expires_in: Annotated[int, typer.Option("--expires-in", metavar="SECONDS", help="From now, at most 30 days")],
) -> None:
    """Let a reservation last longer, or shorter."""


@asking
def release(sku: Sku, reservation_id: ReservationId, quantity: Part = None) -> None:
    """Give back what a reservation holds, or a part of it."""


@asking
def fulfil(sku: Sku, reservation_id: ReservationId, quantity: Part = None) -> None:
    """Sell what a reservation holds, or a part of it."""


STOCK_VERBS = (purchase, restock, adjust, transfer, reserve, extend, release, fulfil)
"""In the order in which `--help` lists them."""
