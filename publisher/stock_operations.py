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
