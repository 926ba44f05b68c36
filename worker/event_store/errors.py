"""Every error of the event store, by who must act.

    EventStoreError
    ├── StoreUnavailable          wait: the database is away or overloaded; whether the statement took effect is unknown
    ├── Fenced                    give up: another owner has claimed the partition since; nothing was written
    ├── ConcurrencyConflictError  load again: another writer appended to the aggregate; nothing was written
    ├── StatementRefused          the sender, or us: the database refuses this content; nothing was written
    ├── Oversold                  the operator: another program took more than there was; add it; nothing was written
    ├── UnreadableEvent           the operator: another program stored what is no JSON
    └── UnknownSchemaVersion      the operator: a newer program wrote this event; upgrade this one

The lanes get driver errors translated, here and nowhere else. `EventStore` works on a pool of
its caller's, who knows what it raises: those errors pass through as they are, except the conflict.
"""

import asyncpg


class EventStoreError(Exception):
    """Any error of the event store."""


class StoreUnavailable(EventStoreError):
    """The database cannot be reached or cannot work now.

    What was being written is in doubt: connect anew, claim anew, and ask by
    command id, which the next commit does by itself.
    """


class Fenced(EventStoreError):
    """The partition was claimed by another owner, or its sequence has moved on. Nothing was written."""


class ConcurrencyConflictError(EventStoreError):
    """Another writer has taken the version that was to be written, or the reservation. Nothing was written."""


class StatementRefused(EventStoreError):
    """The database refused the content: a value it cannot hold, or a broken constraint. Nothing was written."""


class Oversold(EventStoreError):
    """Another program took more of an item than there was. Nothing was written.

    `available` is how many units of `item_id` can be taken; where that is not below
    zero, it is another item of the aggregate that is oversold.
    """

    def __init__(self, aggregate_id: str, item_id: str, available: int) -> None:
        advice = (
            f"another program took more than there was: first add {-available} or more (StockAdded), "
            "or correct the count (StockAdjusted)"
            if available < 0
            else "take no more than that"
        )
        super().__init__(
            f"{aggregate_id}: the append would leave the item {item_id!r} below zero, "
            f"of which {available} units are available; {advice}"
        )
        self.aggregate_id = aggregate_id
        self.item_id = item_id
        self.available = available


class UnreadableEvent(EventStoreError):
    """The data of a stored event cannot be read. Other versions of its aggregate can: name a range without it."""

    def __init__(self, aggregate_id: str, version: int, stored_type: str, problem: Exception) -> None:
        super().__init__(
            f"{aggregate_id}: the data of version {version} ({stored_type}) cannot be read as JSON: {problem}; "
            "correct the row, or read the versions before and after it"
        )
        self.aggregate_id = aggregate_id
        self.version = version


class UnknownSchemaVersion(EventStoreError):
    """A stored event has a later schema version than this program can read."""


_VERSIONED_TABLES = frozenset({"events", "audit_log"})
_TAKEN_KEYS = frozenset({"commands_pkey", "reservations_pkey"})
_CONNECTION_EXCEPTION = "08"
_DATA_EXCEPTION = "22"
_CONSTRAINT_VIOLATION = "23"
_OPERATOR_INTERVENTION = "57"


def translated(error: BaseException) -> EventStoreError:
    """Return what a failure of the driver means for the caller.

    Only what names the content itself (SQLSTATE classes 22 and 23) is refused
    for good. Everything else, a missing table included, is a matter of the
    deployment: giving up on a command because of it would lose it.
    """
    state = getattr(error, "sqlstate", None) or ""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, asyncpg.UniqueViolationError):
        # An audit row is keyed by its event's version, and which of the two is found taken first is left to chance.
        # A command id is taken between our look and our insert only by another partition's lane. A reservation that is
        # written as a new one need not have been looked for.
        if error.table_name in _VERSIONED_TABLES or error.constraint_name in _TAKEN_KEYS:
            return ConcurrencyConflictError(text)
        return StatementRefused(text)
    # asyncpg's own complaint about an argument it cannot encode is both, and has no SQLSTATE.
    unencodable = isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    if unencodable or state.startswith((_DATA_EXCEPTION, _CONSTRAINT_VIOLATION)):
        return StatementRefused(text)
    return StoreUnavailable(text)


def is_in_doubt(error: BaseException) -> bool:
    """Return whether the statement that failed with `error` may have taken effect all the same.

    Where the server itself says no, it did not; where the connection ended
    (SQLSTATE classes 08 and 57, or none at all), nobody said so.
    """
    state = getattr(error, "sqlstate", None)
    lost = state is None or state.startswith((_CONNECTION_EXCEPTION, _OPERATOR_INTERVENTION))
    return lost and isinstance(translated(error), StoreUnavailable)
