"""Reading stored answers and stock levels. Nothing is ever written."""

from dataclasses import dataclass
from importlib.resources import files
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import asyncpg

from publisher.errors import DatabaseUnavailable
from schemas.results import Result, parse_result

CONNECT_TIMEOUT_SECONDS = 10.0
STATEMENT_TIMEOUT_SECONDS = 30.0

_STORED_RESULT = files(__package__).joinpath("stored_result.sql").read_text()
_STOCK = files(__package__).joinpath("stock.sql").read_text()


@dataclass(frozen=True, slots=True)
class StockLevel:
    """What one location holds of one SKU, in units; `version` is that of its last event."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    version: int

    @property
    def available(self) -> int:
        """Units that a purchase can take."""
        return self.on_hand - self.reserved


class OrderRecords:
    """One connection to the engine's database, for one reader at a time.

        async with OrderRecords("postgresql://localhost/orders") as records:
            levels = await records.stock("85123A")

    Everything raises `DatabaseUnavailable` when the database cannot be reached
    or holds no order-worker schema.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: Any = None

    async def __aenter__(self) -> Self:
        try:
            self._connection = await asyncpg.connect(self._url, timeout=CONNECT_TIMEOUT_SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
            raise DatabaseUnavailable(f"database: {str(error) or type(error).__name__}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._connection.close()

    async def stored_result(self, command_id: UUID) -> Result | None:
        """Return the answer of the command; None while there is none.

        Refused commands have one, too. Dead letters and conflicts have none:
        nothing is recorded under their id.
        """
        rows = await self._rows(_STORED_RESULT, command_id)
        return parse_result(rows[0]["answer"]) if rows else None

    async def stock(self, sku: str) -> list[StockLevel]:
        """Return the levels of `sku` by location; empty where it never had any stock."""
        return [StockLevel(**row) for row in await self._rows(_STOCK, sku)]

    async def _rows(self, statement: str, argument: object) -> list[Any]:
        try:
            rows: list[Any] = await self._connection.fetch(statement, argument, timeout=STATEMENT_TIMEOUT_SECONDS)
        except asyncpg.UndefinedTableError as error:
            raise DatabaseUnavailable(f"database: {error}; run `order-worker migrate` on it first") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise DatabaseUnavailable(f"database: {str(error) or type(error).__name__}") from error
        return rows
