"""The connection of a stock view: it looks, and comes back by itself."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from importlib.resources import files
from operator import itemgetter
from typing import Any

import asyncpg
from pydantic import ValidationError

from publisher.errors import DatabaseUnavailable
from publisher.stock_view.look import Head, Look
from publisher.stock_view.sku_stock import Level, SkuStock
from schemas.explanations import explain
from schemas.results import Result, parse_result

CONNECT_TIMEOUT_SECONDS = 2.0
LOOK_TIMEOUT_SECONDS = 2.0
"""A look takes a millisecond. All readers that miss something wait behind one that does not end."""

ANSWERS_PER_LOOK_LIMIT = 500
"""Of all partitions that are late together, so that no more than 10 ms go by in which no reader is served."""

ATTEMPTS = 4
"""A look that lost a deadlock, or its connection, is tried again at once; what fails so often is not luck."""

CLOSE_TIMEOUT_SECONDS = 2.0

_logger = logging.getLogger(__name__)
_LOOK = files(__package__).joinpath("look.sql").read_text()

_SESSION_SETTINGS = {
    # Planned once, perhaps while a table is empty, and still right at a hundred million rows.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
    "application_name": "order stock view",
}

_ROLLED_BACK = asyncpg.exceptions.TransactionRollbackError
"""Deadlocks and serialization failures."""

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,  # the server shuts down, or somebody ended the session
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver has lost count of its own states, which a session that ends can do
    ConnectionError,
)

_CANNOT_CONNECT = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # no primary at that address
    OSError,
    TimeoutError,
    ValueError,
)


class StockReader:
    """One connection to the primary, opened at the first look and again after a loss; for one look at a time."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: Any = None

    async def look(self, skus: Collection[str], shown: Mapping[int, int]) -> Look:
        """Return the heads of all partitions, the stock of `skus` and answers beyond `shown`, as of one instant.

        That is after the call. `shown` says by partition up to which number the answers are known.

        Raises `DatabaseUnavailable` when the database cannot be reached or does not
        answer within a few seconds, is a standby, or holds no topology of ours.
        """
        limit_answers = ANSWERS_PER_LOOK_LIMIT // max(1, len(shown))
        rows = await self._rows(list(skus), list(shown), list(shown.values()), limit_answers)
        heads = [Head(row["partition"], row["epoch"], row["sequence"]) for row in rows if row["partition"] is not None]
        if not heads:
            raise DatabaseUnavailable("database: no partitions are recorded; has an order-worker been started?")
        return Look(heads, _stocks(skus, rows), _answers(rows))

    async def _rows(self, *arguments: object) -> list[Any]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                rows: list[Any] = await (await self._connected()).fetch(_LOOK, *arguments)
            except (_ROLLED_BACK, *_LOST) as error:
                if not isinstance(error, _ROLLED_BACK):
                    self._terminate()
                if attempt == ATTEMPTS:
                    raise _unavailable(error) from error
            except (asyncpg.PostgresError, OSError, TimeoutError) as error:
                self._terminate()
                raise _unavailable(error) from error
            except asyncio.CancelledError:
                self._terminate()
                raise
            else:
                return rows
        raise AssertionError("the last attempt returns or raises")

    async def _connected(self) -> Any:
        if self._connection is None:
            try:
                self._connection = await asyncpg.connect(
                    self._url,
                    timeout=CONNECT_TIMEOUT_SECONDS,
                    command_timeout=LOOK_TIMEOUT_SECONDS,
                    target_session_attrs="primary",
                    server_settings=_SESSION_SETTINGS,
                )
            except _CANNOT_CONNECT as error:
                raise _unavailable(error) from error
        return self._connection

    async def close(self) -> None:
        """Give the connection up; a later look opens a new one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            await connection.close(timeout=CLOSE_TIMEOUT_SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            connection.terminate()

    def _terminate(self) -> None:
        # The server may still be at it, and would answer the next look with this one's rows.
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def _stocks(skus: Iterable[str], rows: Iterable[Any]) -> dict[str, SkuStock]:
    newest_versions = dict.fromkeys(skus, 0)
    levels: dict[str, dict[str, Level]] = {sku: {} for sku in newest_versions}
    level_versions = dict.fromkeys(newest_versions, 0)
    for row in rows:
        sku = row["sku"]
        if sku is None:
            continue
        newest_versions[sku] = row["newest_version"]
        if row["location"] is not None:
            levels[sku][row["location"]] = Level(row["on_hand"], row["reserved"])
            level_versions[sku] = max(level_versions[sku], row["version"])
    return {
        sku: SkuStock(version, levels[sku], whole=level_versions[sku] == version)
        for sku, version in newest_versions.items()
    }


def _answers(rows: Iterable[Any]) -> list[Result]:
    late = sorted((row for row in rows if row["answer"] is not None), key=itemgetter("sequence"))
    parsed = (_parsed(row["answer"]) for row in late)
    return [answer for answer in parsed if answer is not None]


def _parsed(answer: str) -> Result | None:
    try:
        return parse_result(answer)
    except ValidationError as error:  # of a later release; the feed skips it, too
        _logger.warning("an answer in the database is not a result: %s", explain(error))
        return None


def _unavailable(error: Exception) -> DatabaseUnavailable:
    hint = "; run `order-worker migrate` on it first" if isinstance(error, asyncpg.UndefinedTableError) else ""
    return DatabaseUnavailable(f"database: {str(error) or type(error).__name__}{hint}")
