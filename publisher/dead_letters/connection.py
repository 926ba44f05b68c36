"""The connection to the ledger: statements by name, and errors in our words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import asyncpg

from publisher.dead_letters.statements import statement
from publisher.errors import DatabaseUnavailable, LedgerRefused

CONNECT_TIMEOUT_SECONDS = 10.0

READ_TIMEOUT_SECONDS = 60.0
"""A search in the texts of millions of letters takes some seconds; nobody waits for longer than this."""

_SESSION_SETTINGS = {
    # Each filter is planned for what it names: a filter that is not given costs nothing, and its index is found.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "application_name": "order dead letters",
}

_FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # no primary at that address
    OSError,
    TimeoutError,
)


class LedgerConnection:
    """One connection to the engine's database, for one caller at a time."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: Any = None

    async def __aenter__(self) -> Self:
        try:
            self._connection = await asyncpg.connect(
                self._url,
                timeout=CONNECT_TIMEOUT_SECONDS,
                target_session_attrs="primary",
                server_settings=_SESSION_SETTINGS,
            )
            await self._connection.set_type_codec("json", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        except (*_FAILURES, ValueError) as error:
            raise _unavailable(error) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._connection.close()

    async def _rows(self, name: str, *arguments: object, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> list[Any]:
        """Return the rows of `sql/<name>.sql`."""
        with translated(timeout_seconds):
            rows: list[Any] = await self._connection.fetch(statement(name), *arguments, timeout=timeout_seconds)
            return rows

    async def _row(self, name: str, *arguments: object, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> Any:
        """Return the first row; None where there is none."""
        rows = await self._rows(name, *arguments, timeout_seconds=timeout_seconds)
        return rows[0] if rows else None


@contextmanager
def translated(timeout_seconds: float) -> Iterator[None]:
    """Raise what goes wrong with the database as errors of ours."""
    try:
        yield
    except asyncpg.UndefinedTableError as error:
        raise DatabaseUnavailable(f"database: {error}; run `order-worker migrate` on it first") from error
    except asyncpg.UniqueViolationError as error:
        raise LedgerRefused("somebody else asked for some of these letters at this moment; try again") from error
    except TimeoutError as error:
        raise DatabaseUnavailable(f"database: no answer within {timeout_seconds:g} s; ask for less") from error
    except _FAILURES as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"database: {str(error) or type(error).__name__}")
