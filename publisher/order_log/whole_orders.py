"""The lines of a log put together to whole orders, by the order that each names.

An order is placed where its last line stands, after what its customer brought
back. A return is a restock of its own, in its place in the file; so is a sale
that names no order. An order with a bad line is not sent: without it, it would
be another order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID

from publisher.derived_ids import derived_id
from publisher.errors import InvalidInput
from publisher.order_building import build_order
from publisher.order_log.csv_orders import NOBODY_USER
from publisher.order_log.lines import BadLine, BadOrder
from publisher.order_log.logged_commands import LoggedCommand
from publisher.order_log.spool import Kind, Spool, SpooledLine
from schemas.commands import Purchase, encode_command, parse_command
from schemas.order_commands import LINES_LIMIT, OrderLine, PlaceOrder

DEFAULT_EXPIRES_IN_SECONDS = 600
"""Longer than an order waits for its turn when many are placed at once."""

_NAMESPACE = UUID("b7a8f0c4-52de-5b0f-9d61-7c1e3a94d5f2")


@dataclass(frozen=True)
class OrderTerms:
    """What all orders of a log have in common. `source` and the order's id make the command's id."""

    source: str
    clock: Callable[[], datetime]
    allow_partial: bool = False
    expires_in: int = DEFAULT_EXPIRES_IN_SECONDS


@contextmanager
def whole_orders(
    lines: Iterable[LoggedCommand | BadLine], terms: OrderTerms
) -> Iterator[Iterator[LoggedCommand | BadLine]]:
    """Read all of `lines`, into a temporary file; give what they make, one at a time.

    Raises `OSError` where there is no room for it.
    """
    with Spool() as spool:
        for line in lines:
            _put(spool, line)
        yield _put_together(spool, terms)


def order_command_id(source: str, order_id: str) -> UUID:
    """Return the id of the command that places the order `order_id` of the log called `source`.

    What is ordered is no part of it: an order that was changed since is refused as
    a conflict, and not placed a second time.
    """
    return derived_id(_NAMESPACE, source.encode(), order_id.encode())


def _put(spool: Spool, line: LoggedCommand | BadLine) -> None:
    if isinstance(line, BadLine):
        spool.add(line.number, line.order_id, Kind.BAD, line.cause.encode())
        return
    order_id = line.command.order_id
    kind = Kind.SALE if isinstance(line.command, Purchase) and order_id is not None else Kind.ALONE
    spool.add(line.line, order_id, kind, encode_command(line.command))


def _put_together(spool: Spool, terms: OrderTerms) -> Iterator[LoggedCommand | BadLine]:
    for sold_order_id, lines in groupby(spool.lines_in_turn(), _sold_order_id):
        if sold_order_id is None:
            yield from map(_single, lines)
        else:
            yield _order(sold_order_id, lines, terms)


def _sold_order_id(line: SpooledLine) -> str | None:
    return line.order_id if line.kind == Kind.SALE else None


def _single(line: SpooledLine) -> LoggedCommand | BadLine:
    if line.kind == Kind.BAD:
        return BadLine(line.line, line.content.decode(), line.order_id)
    return LoggedCommand(line.line, parse_command(line.content))


def _order(order_id: str, lines: Iterable[SpooledLine], terms: OrderTerms) -> LoggedCommand | BadOrder:
    lines = iter(lines)
    kept = list(islice(lines, LINES_LIMIT))
    first, count = kept[0], len(kept) + sum(1 for _ in lines)
    try:
        _require_complete(first, count)
        return LoggedCommand(first.line, _placing(order_id, [_sale(line) for line in kept], terms), count)
    except InvalidInput as error:
        return BadOrder(first.line, f"the order {order_id!a} is not sent: {error}", order_id, count)


def _require_complete(line: SpooledLine, count: int) -> None:
    if line.bad_line is not None:
        raise InvalidInput(f"its line {line.bad_line} is bad")
    if count > LINES_LIMIT:
        raise InvalidInput(f"it has {count:,} lines, and {LINES_LIMIT:,} are the limit")


def _placing(order_id: str, sales: Sequence[Purchase], terms: OrderTerms) -> PlaceOrder:
    return build_order(
        order_id,
        [OrderLine(sku=sale.sku, location=sale.location, quantity=sale.quantity) for sale in sales],
        terms.clock(),
        command_id=order_command_id(terms.source, order_id),
        user=_only_user(sales),
        allow_partial=terms.allow_partial,
        expires_in=terms.expires_in,
    )


def _only_user(sales: Iterable[Purchase]) -> str:
    users = {sale.user for sale in sales} - {NOBODY_USER}
    if len(users) > 1:
        raise InvalidInput(
            f"its lines name {len(users)} users, {' and '.join(sorted(map(ascii, users))[:2])} among them"
        )
    return next(iter(users), NOBODY_USER)


def _sale(line: SpooledLine) -> Purchase:
    command = parse_command(line.content)
    assert isinstance(command, Purchase)  # noqa: S101  what was put there
    return command
