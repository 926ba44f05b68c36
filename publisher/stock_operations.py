"""What a client can ask of one SKU: a method for each command."""

from typing import Unpack

from publisher.command_building import CommandOptions
from publisher.requesting import Requester
from schemas.results import Result


class StockOperations(Requester):
    """The commands about one SKU as methods.

    With each, `user=` is required; `location=`, `order_id=`, `reason=` and
    `command_id=` are optional, see `CommandOptions`. A refusal by a rule of the
    shop is a result. Errors are those of `request`.
    """

    async def purchase(
        self, sku: str, quantity: int, *, timeout_seconds: float | None = None, **options: Unpack[CommandOptions]
    ) -> Result:
        """Take `quantity` units of `sku` out of stock and return the answer."""
        return await self.ask("purchase", timeout_seconds, sku=sku, quantity=quantity, **options)

    async def restock(
        self, sku: str, quantity: int, *, timeout_seconds: float | None = None, **options: Unpack[CommandOptions]
    ) -> Result:
        """Put `quantity` units of `sku` into stock and return the answer."""
        return await self.ask("restock", timeout_seconds, sku=sku, quantity=quantity, **options)

    async def adjust(
        self,
        sku: str,
        *,
        set_to: int | None = None,
        difference: int | None = None,
        timeout_seconds: float | None = None,
        **options: Unpack[CommandOptions],
    ) -> Result:
        """Correct what is on hand, to what was counted or by a difference: one of the two, and `reason=`.

        The answer's `quantity` is the difference that was made.
        """
        return await self.ask("adjust", timeout_seconds, sku=sku, set_to=set_to, difference=difference, **options)

    async def transfer(
        self,
        sku: str,
        quantity: int,
        *,
        to_location: str,
        timeout_seconds: float | None = None,
        **options: Unpack[CommandOptions],
    ) -> Result:
        """Move `quantity` units from `location=` to `to_location`; the answer's levels are those left behind."""
        return await self.ask(
            "transfer", timeout_seconds, sku=sku, quantity=quantity, to_location=to_location, **options
        )

    async def reserve(
        self,
        sku: str,
        quantity: int,
        *,
        reservation_id: str,
        expires_in: int | None = None,
        timeout_seconds: float | None = None,
        **options: Unpack[CommandOptions],
    ) -> Result:
        """Hold `quantity` units, for `expires_in` seconds (1 s to 30 days) or without an end.

        Others cannot have them until `release`, `fulfil` or the end. The id is yours
        to choose, and of one reservation of the SKU for ever.
        """
        return await self.ask(
            "reserve",
            timeout_seconds,
            sku=sku,
            quantity=quantity,
            reservation_id=reservation_id,
            expires_in=expires_in,
            **options,
        )

    async def extend(
        self,
        sku: str,
        *,
        reservation_id: str,
        expires_in: int,
        timeout_seconds: float | None = None,
        **options: Unpack[CommandOptions],
    ) -> Result:
        """Let a reservation last until `expires_in` seconds from now."""
        return await self.ask(
            "extend",
            timeout_seconds,
            sku=sku,
            reservation_id=reservation_id,
            expires_in=expires_in,
            **options,
        )

    async def release(
        self,
        sku: str,
        *,
        reservation_id: str,
        quantity: int | None = None,
        timeout_seconds: float | None = None,
        **options: Unpack[CommandOptions],
    ) -> Result:
        """Give back `quantity` of the units that a reservation holds, or all; the answer says how many."""
        return await self.ask(
            "release", timeout_seconds, sku=sku, reservation_id=reservation_id, quantity=quantity, **options
        )

    async def fulfil(
        self,
        sku: str,
        *,
        reservation_id: str,
        quantity: int | None = None,
        timeout_seconds: float | None = None,
        **options: Unpack[CommandOptions],
    ) -> Result:
        """Sell `quantity` of the units that a reservation holds, or all; the answer says how many."""
        return await self.ask(
            "fulfil", timeout_seconds, sku=sku, reservation_id=reservation_id, quantity=quantity, **options
        )
