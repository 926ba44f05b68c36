"""Commands as test data: bodies to spoil, and any valid command."""

import json
from datetime import UTC
from typing import Annotated, Any

from hypothesis import strategies as st
from pydantic import Field, TypeAdapter

from schemas.commands import COMMAND_ADAPTER, Command
from schemas.fields import COUNT_LIMIT, EXPIRES_IN_LIMIT_SECONDS, QUANTITY_LIMIT
from schemas.order_commands import LineCommand
from schemas.texts import (
    LOCATION_LIMIT_CHARACTERS,
    ORDER_ID_LIMIT_CHARACTERS,
    RESERVATION_ID_LIMIT_CHARACTERS,
    SKU_LIMIT_BYTES,
    USER_LIMIT_CHARACTERS,
)

_LINE_COMMANDS: TypeAdapter[LineCommand] = TypeAdapter(Annotated[LineCommand, Field(discriminator="type")])

COMMAND_ID = "8f14e45f-ceea-4e07-8c2b-0d8f3d6b9c11"

_PRINTABLE = st.characters(exclude_categories=["Cc", "Cs"])
_NO_SPACE = st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])


def body(**changes: Any) -> bytes:
    """Return a valid purchase with `changes`; a field set to `...` is left out."""
    fields = {"type": "purchase", "command_id": COMMAND_ID, "sku": "85123A", "quantity": 6, "user": "till-3"} | changes
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


def adjustment(**changes: Any) -> bytes:
    """Return a valid adjustment with `changes`."""
    return body(**{"type": "adjust", "quantity": ..., "difference": -1, "reason": "broken"} | changes)


def placing(**changes: Any) -> bytes:
    """Return a valid order with `changes`."""
    order = {
        "type": "place_order",
        "sku": ...,
        "quantity": ...,
        "order_id": "1700",
        "lines": [{"sku": "A", "quantity": 1}],
    }
    return body(**order | changes)


def _texts(limit: int) -> st.SearchStrategy[str]:
    return st.text(_PRINTABLE, min_size=1, max_size=limit)


def _trimmed_texts(limit: int) -> st.SearchStrategy[str]:
    return st.text(_NO_SPACE, min_size=1, max_size=limit)


def skus() -> st.SearchStrategy[str]:
    return _trimmed_texts(SKU_LIMIT_BYTES).filter(
        lambda sku: len(sku.encode()) <= SKU_LIMIT_BYTES and not sku.startswith("order:")
    )


_LOCATIONS = _trimmed_texts(LOCATION_LIMIT_CHARACTERS)
_RESERVATIONS = _trimmed_texts(RESERVATION_ID_LIMIT_CHARACTERS)
_EXPIRES_IN = st.integers(1, EXPIRES_IN_LIMIT_SECONDS)
_QUANTITIES = st.integers(1, QUANTITY_LIMIT)
_MOMENTS = st.datetimes(timezones=st.just(UTC))
_ORDER_IDS = _trimmed_texts(20)
_HELD = {"order_id": _ORDER_IDS, "reservation_id": _ORDER_IDS.map(lambda order_id: f"order:{order_id}#1")}
_LINES = st.lists(
    st.fixed_dictionaries({"sku": skus(), "location": _LOCATIONS, "quantity": st.integers(1, 1000)}),
    min_size=1,
    max_size=5,
)


def commands() -> st.SearchStrategy[Command]:
    """Return any command that a publisher may send."""
    return st.one_of(
        _commands("purchase", quantity=_QUANTITIES),
        _commands("restock", quantity=_QUANTITIES),
        _commands("adjust", set_to=st.integers(0, COUNT_LIMIT), reason=_texts(100)),
        _commands("adjust", difference=st.integers(1, QUANTITY_LIMIT).map(lambda units: -units), reason=_texts(100)),
        _commands("transfer", quantity=_QUANTITIES, to_location=_LOCATIONS.map(lambda name: f"{name[:63]}2")),
        _commands("reserve", quantity=_QUANTITIES, reservation_id=_RESERVATIONS, expires_in=_EXPIRES_IN),
        _commands("extend", reservation_id=_RESERVATIONS, expires_in=_EXPIRES_IN),
        _commands("release", reservation_id=_RESERVATIONS),
        _commands("fulfil", reservation_id=_RESERVATIONS, quantity=_QUANTITIES),
        _commands("expire", reservation_id=_RESERVATIONS, expires_at=_MOMENTS),
        _order_commands("place_order", lines=_LINES, allow_partial=st.booleans(), expires_in=st.integers(1, 3600)),
        _order_commands("cancel_order"),
        _order_commands("expire_order", expires_at=_MOMENTS),
    )


def line_commands() -> st.SearchStrategy[LineCommand]:
    """Return anything that an order may ask of a line."""
    taking = {"quantity": _QUANTITIES, "allow_partial": st.booleans(), "not_after": _MOMENTS}
    return st.one_of(
        _fields("reserve_line", **_HELD, **taking),
        _fields("sell_line", **_HELD, **taking),
        _fields("release_line", **_HELD),
        _fields("fulfil_line", **_HELD),
    ).map(_LINE_COMMANDS.validate_python)


def _order_commands(kind: str, **own_fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Command]:
    fields = {
        "type": st.just(kind),
        "command_id": st.uuids(),
        "order_id": _ORDER_IDS,
        "user": _texts(USER_LIMIT_CHARACTERS),
    }
    optional = {"reason": _texts(100), "issued_at": _MOMENTS}
    return st.fixed_dictionaries(fields | own_fields, optional=optional).map(COMMAND_ADAPTER.validate_python)


def _commands(kind: str, **own_fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Command]:
    return _fields(kind, **own_fields).map(COMMAND_ADAPTER.validate_python)


def _fields(kind: str, **own_fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {
        "type": st.just(kind),
        "command_id": st.uuids(),
        "sku": skus(),
        "location": _LOCATIONS.map(lambda name: f"{name[:63]}1"),
        "user": _texts(USER_LIMIT_CHARACTERS),
    }
    optional = {
        "order_id": _texts(ORDER_ID_LIMIT_CHARACTERS),
        "reason": _texts(100),
        "issued_at": st.datetimes(timezones=st.just(UTC)),
    }
    left = {name: value for name, value in optional.items() if name not in own_fields}
    return st.fixed_dictionaries(fields | own_fields, optional=left)
