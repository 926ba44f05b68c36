"""What a client can ask of one SKU: a method for each command."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Unpack

from publisher.command_building import CommandOptions, Detail, build_command
from schemas.commands import Command
from schemas.results import Result


class StockOperations(ABC):
    """The commands as methods, over whatever sends one and waits for its answer.

    With each, `user=` is required; `location=`, `order_id=`, `reason=` and
    `command_id=` are optional, see `CommandOptions`. A refusal by a rule of the
    shop is a result. Errors are those of `request`.
    """

    @abstractmethod
    async def request(self, command: Command, *, timeout_seconds: float | None = None) -> Result:
        """Send `command` as it is and return its answer."""

    async def purchase(
        self, sku: str, quantity: int, *, timeout_seconds: float | None = None, **options: Unpack[CommandOptions]
    ) -> Result:
        """Take `quantity` units of `sku` out of stock and return the answer."""
        return await self._ask("purchase", sku, quantity, timeout_seconds, options)

    async def restock(
        self, sku: str, quantity: int, *, timeout_seconds: float | None = None, **options: Unpack[CommandOptions]
    ) -> Result:
        """Put `quantity` units of `sku` into stock and return the answer."""
        return await self._ask("restock", sku, quantity, timeout_seconds, options)

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
        return await self._ask("adjust", sku, None, timeout_seconds, options, set_to=set_to, difference=difference)

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
        return await self._ask("transfer", sku, quantity, timeout_seconds, options, to_location=to_location)

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
        details: dict[str, Detail] = {"reservation_id": reservation_id, "expires_in": expires_in}
        return await self._ask("reserve", sku, quantity, timeout_seconds, options, **details)

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
        details: dict[str, Detail] = {"reservation_id": reservation_id, "expires_in": expires_in}
        return await self._ask("extend", sku, None, timeout_seconds, options, **details)

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
        return await self._ask("release", sku, quantity, timeout_seconds, options, reservation_id=reservation_id)

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
        return await self._ask("fulfil", sku, quantity, timeout_seconds, options, reservation_id=reservation_id)

    async def _ask(
        self,
        kind: str,
        sku: str,
        quantity: int | None,
        timeout_seconds: float | None,
        options: CommandOptions,
        **details: Detail,
    ) -> Result:
        command = build_command(kind, sku, quantity, datetime.now(UTC), options, **details)
        return await self.request(command, timeout_seconds=timeout_seconds)
