"""The command that an answer repeats, so that it can be decided again."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from schemas.commands import COMMAND_ADAPTER, StockCommand
from schemas.results import Result
from worker import domain
from worker.lane.command_codec import domain_command

_NEVER = datetime.min.replace(tzinfo=UTC)

_REPEATED_FIELDS = ("type", "command_id", "sku", "location", "quantity", "user")
"""What every answer repeats of its command."""


def asked(result: Result) -> domain.Command | None:
    """Return what was asked; None where the answer does not repeat all of it.

    Of a refused `extend` or `expire` the time asked for is not known; the rule
    refuses it whatever that was. Raises `pydantic.ValidationError` where nobody
    can have asked for that.
    """
    ask = _ASKED.get(result.type or "")
    return None if ask is None else ask(result)


def _moving(result: Result, *own_fields: str) -> domain.Command:
    fields = {name: getattr(result, name) for name in (*_REPEATED_FIELDS, *own_fields)}
    command = COMMAND_ADAPTER.validate_python(fields)
    assert isinstance(command, StockCommand)  # noqa: S101 - it has a SKU
    return domain_command(command)


def _reserve(result: Result) -> domain.Command:
    validated = _moving(result, "reservation_id")
    assert isinstance(validated, domain.Reserve)  # noqa: S101 - the type says so
    lasts = None if result.expires_at is None else _lasts(result)
    return domain.Reserve(validated.location, validated.reservation_id, validated.quantity, lasts)


def _extend(result: Result) -> domain.Command:
    return domain.Extend(result.location or "", result.reservation_id or "", _lasts(result))


def _expire(result: Result) -> domain.Command:
    return domain.Expire(result.location or "", result.reservation_id or "", _NEVER)


def _lasts(result: Result) -> timedelta:
    if result.expires_at is None or result.committed_at is None:
        return timedelta()
    return result.expires_at - result.committed_at


_ASKED: Mapping[str, Callable[[Result], domain.Command]] = {
    "purchase": _moving,
    "restock": _moving,
    "transfer": lambda result: _moving(result, "to_location"),
    "reserve": _reserve,
    "extend": _extend,
    "release": lambda result: _moving(result, "reservation_id"),
    "fulfil": lambda result: _moving(result, "reservation_id"),
    "expire": _expire,
}


def decided_again(
    command: domain.Command, result: Result, stock: domain.Stock, reservation: domain.Reservation | None
) -> domain.Event | domain.Refusal:
    """Return what the rule says to `command`, on the state it was decided on and at the time of its answer."""
    if isinstance(command, domain.Expire) and result.applied and reservation is not None and reservation.expires_at:
        command = domain.Expire(command.location, command.reservation_id, reservation.expires_at)
    return domain.decide(stock, command, result.committed_at or _NEVER, reservation)
