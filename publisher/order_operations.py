"""What a client can ask of whole orders: a method for each command."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Unpack

from publisher.command_building import OrderOptions
from publisher.order_building import Line, build_order
from publisher.requesting import Requester
from schemas.order_commands import DEFAULT_ORDER_EXPIRES_IN_SECONDS
from schemas.results import OrderResult, Result


class OrderOperations(Requester):
    """The commands about whole orders as methods.

    With each, `user=` is required; `reason=` and `command_id=` are optional, see
    `OrderOptions`. A refusal by a rule of the shop is a result. Errors are those
    of `request`.
    """

    async def place_order(
        self,
        order_id: str,
        lines: Iterable[Line],
        *,
        allow_partial: bool = False,
        expires_in: int = DEFAULT_ORDER_EXPIRES_IN_SECONDS,
        timeout_seconds: float | None = None,
        **options: Unpack[OrderOptions],
    ) -> OrderResult:
        """Sell every line, or with `allow_partial` what can be had, and return the answer once that is decided.

        A line is `(sku, quantity)`, `(sku, quantity, location)` or an `OrderLine`;
        lines of one SKU and location count as one. The answer's `lines` tell what
        each got. An order that is undecided after `expires_in` seconds (1 to 3600)
        is refused; `timeout_seconds` is at least some seconds more, unless given.

        The order id is yours to choose, and of one order for ever. The command id is
        derived from it, so calling again, at any time and from anywhere, gets the
        stored answer and sells nothing twice; with other lines or another user it is
        refused as a conflict. A refused order is tried again under a new order id.
        """
        command = build_order(
            order_id, lines, datetime.now(UTC), allow_partial=allow_partial, expires_in=expires_in, **options
        )
        return _about(order_id, await self.request(command, timeout_seconds=timeout_seconds))

    async def cancel_order(
        self, order_id: str, *, timeout_seconds: float | None = None, **options: Unpack[OrderOptions]
    ) -> OrderResult:
        """Give the order up, if it is not decided yet, and return the answer to that; the order has its own.

        Each call is a command of its own, since it may come too early and be right
        later: give `command_id=` to repeat one.
        """
        return _about(order_id, await self.ask("cancel_order", timeout_seconds, order_id=order_id, **options))


def _about(order_id: str, result: Result) -> OrderResult:
    # A message that was dead-lettered unread has an answer that names no order.
    return result if isinstance(result, OrderResult) else OrderResult(**dict(result), order_id=order_id)
