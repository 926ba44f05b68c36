import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from pydantic import BaseModel, ValidationError

from schemas.commands import (
    _IDENTITY_FIELDS,
    COMMAND_TYPES,
    MODELS,
    Adjust,
    Command,
    Expire,
    Fulfil,
    Purchase,
    Reserve,
    Restock,
    Transfer,
    encode_command,
    identity,
    parse_command,
)
from schemas.explanations import explain
from schemas.order_commands import LineCommand, OrderLine, PlaceOrder
from schemas.texts import WORD_LIMIT_BYTES
from tests.schemas.commands import COMMAND_ID, adjustment, body, commands, line_commands, placing

TYPES = (
    "'purchase', 'restock', 'adjust', 'transfer', 'reserve', 'extend', 'release', 'fulfil', 'expire', "
    "'place_order', 'cancel_order', 'expire_order'"
)
RUBBISH: list[tuple[bytes, str]] = [
    (b"", "the body is not JSON in UTF-8"),
    (b"hello", "the body is not JSON in UTF-8"),
    (b'{"type": "purchase"', "the body is not JSON in UTF-8"),
    (b"\xff\xfe{}", "the body is not JSON in UTF-8"),
    (body(user="caf\u00e9").replace(b"\\u00e9", b"\xe9"), "the body is not JSON in UTF-8"),
    (b"[]", "the body must be a JSON object"),
    (b"null", "the body must be a JSON object"),
    (b"7", "the body must be a JSON object"),
    (b"{}", "type: this field is missing"),
    (body(type=...), "type: this field is missing"),
    (
        body(type="steal"),
        f"type: must be one of {TYPES} (got 'steal')",
    ),
    (body(type=7), "type: must be one of"),
    (body(colour="red"), "colour: this field is unknown; remove it (got 'red')"),
    (body(command_id=...), "command_id: this field is missing"),
    (body(command_id="7"), "command_id: must be a UUID, such as"),
    (body(command_id=7), "command_id: must be a UUID"),
    (body(command_id=None), "command_id: must be a UUID"),
    (body(quantity=...), "quantity: this field is missing"),
    (body(quantity=0), "quantity: must be at least 1 (got 0)"),
    (body(quantity=-1), "quantity: must be at least 1 (got -1)"),
    (body(quantity=1_000_000_001), "quantity: must be at most 1000000000 (got 1000000001)"),
    (body(quantity=1.5), "quantity: must be a whole number"),
    (body(quantity=6.0), "quantity: must be a whole number"),
    (body(quantity=True), "quantity: must be a whole number"),
    (body(quantity="6"), "quantity: must be a whole number"),
    (body(quantity=None), "quantity: must be a whole number"),
    (body(quantity=1e30), "quantity: must be a whole number"),
    (body(quantity=10**30), "quantity: must be at most 1000000000"),
    (body(quantity=-(10**30)), "quantity: must be at least 1"),
    (body(quantity=[6]), "quantity: must be a whole number"),
    (body().replace(b"6}", b"NaN}").replace(b'"quantity": 6', b'"quantity": NaN'), "quantity: must be a whole number"),
    (body(sku=""), "sku: must not be empty"),
    (body(sku=7), "sku: must be a text (got 7)"),
    (body(sku=" 85123A"), "sku: must hold no control character, and no space at either end"),
    (body(sku="85123A "), "sku: must hold no control character, and no space at either end"),
    (body(sku="851\x0023A"), "sku: must hold no control character"),
    (body(sku="85123A\n"), "sku: must hold no control character"),
    (body(sku="x" * 101), "sku: must be at most 100 characters long"),
    (body(sku="é" * 51), "sku: must be at most 100 bytes of UTF-8"),
    (body(user=""), "user: must not be empty"),
    (body(user="nul\x00"), "user: must hold no control character"),
    (body(user="unit\x1fseparator"), "user: must hold no control character"),
    (body(user="x" * 10_000), "user: must be at most 128 characters long"),
    (body(location="x" * 65), "location: must be at most 64 characters long"),
    (body(location=None), "location: must be a text"),
    (body(order_id="x" * 65), "order_id: must be at most 64 characters long"),
    (body(reason="x" * 10_000), "reason: must be at most 500 characters long"),
    (body(reason="line\nbreak"), "reason: must hold no control character"),
    (body(issued_at="yesterday"), "issued_at: "),
    (body(issued_at="2026-01-31T12:00:00"), "issued_at: must name its offset from UTC"),
    (body(issued_at=True), "issued_at: must be a time as text"),
]


RUBBISH_OF_OTHER_TYPES: list[tuple[bytes, str]] = [
    (adjustment(reason=...), "reason: this field is missing"),
    (adjustment(set_to=5), "exactly one of set_to and difference must be given"),
    (adjustment(difference=...), "exactly one of set_to and difference must be given"),
    (adjustment(difference=0), "difference must not be 0"),
    (adjustment(difference=-1_000_000_001), "difference: must be at least -1000000000"),
    (adjustment(difference=..., set_to=-1), "set_to: must be at least 0 (got -1)"),
    (adjustment(difference=..., set_to=10**15 + 1), "set_to: must be at most 1000000000000000"),
    (adjustment(quantity=5), "quantity: this field is unknown; remove it (got 5)"),
    (body(type="transfer"), "to_location: this field is missing"),
    (body(type="transfer", to_location=""), "to_location: must not be empty"),
    (body(type="transfer", to_location="main"), "to_location must be another location"),
    (body(to_location="attic"), "to_location: this field is unknown"),
    (body(type="reserve"), "reservation_id: this field is missing"),
    (body(type="reserve", reservation_id=" r"), "reservation_id: must hold no control character"),
    (body(type="reserve", reservation_id="r" * 65), "reservation_id: must be at most 64 characters"),
    (body(type="reserve", reservation_id="r", expires_in=0), "expires_in: must be at least 1 (got 0)"),
    (body(type="reserve", reservation_id="r", expires_in=2_592_001), "expires_in: must be at most 2592000"),
    (body(type="extend", reservation_id="r", expires_in=1), "quantity: this field is unknown"),
    (body(type="extend", quantity=..., reservation_id="r"), "expires_in: this field is missing"),
    (body(type="release", quantity=0, reservation_id="r"), "quantity: must be at least 1"),
    (body(type="expire", quantity=..., reservation_id="r"), "expires_at: this field is missing"),
]
RUBBISH_ABOUT_ORDERS: list[tuple[bytes, str]] = [
    (body(sku="order:7"), "sku: must not begin with order:, which stands for whole orders (got 'order:7')"),
    (body(type="reserve", reservation_id="order:7#1"), "reservation_id: must not begin with order:"),
    (body(type="fulfil", reservation_id="order:7#1"), "reservation_id: must not begin with order:"),
    (placing(lines=...), "lines: this field is missing"),
    (placing(lines=[]), "lines: must have at least 1"),
    (placing(lines=[{"sku": f"S{number}", "quantity": 1} for number in range(1_001)]), "lines: must have at most 1000"),
    (placing(lines=[{"sku": "A"}]), "lines.0.quantity: this field is missing"),
    (placing(lines=[{"sku": "A", "quantity": 1}, {"sku": "A", "quantity": 0}]), "lines.1.quantity: must be at least 1"),
    (placing(lines=[{"sku": "A", "quantity": 1, "user": "u"}]), "lines.0.user: this field is unknown"),
    (placing(lines=[{"sku": "A", "quantity": 10**9}] * 2), "lines: the lines of 'A' at 'main' must be at most"),
    (placing(order_id=...), "order_id: this field is missing"),
    (placing(order_id=" 7"), "order_id: must hold no control character, and no space at either end"),
    (placing(order_id="é" * 48), "order_id: must be at most 94 bytes of UTF-8"),
    (placing(expires_in=0), "expires_in: must be at least 1 (got 0)"),
    (placing(expires_in=3_601), "expires_in: must be at most 3600"),
    (placing(allow_partial="yes"), "allow_partial: must be true or false"),
    (placing(sku="A"), "sku: this field is unknown"),
    (placing(type="cancel_order"), "lines: this field is unknown"),
]
RUBBISH += RUBBISH_OF_OTHER_TYPES + RUBBISH_ABOUT_ORDERS


@pytest.mark.parametrize(("rubbish", "sentence"), RUBBISH, ids=[sentence for _, sentence in RUBBISH])
def test_rubbish_is_refused_and_explained(rubbish: bytes, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_command(rubbish)
    assert explain(refused.value).startswith(sentence)


GOOD: list[dict[str, Any]] = [
    {},
    {"type": "restock"},
    {"type": "transfer", "to_location": "attic"},
    {"type": "reserve", "reservation_id": "r"},
    {"type": "reserve", "reservation_id": "r" * 64, "expires_in": 2_592_000},
    {"type": "extend", "quantity": ..., "reservation_id": "r", "expires_in": 1},
    {"type": "release", "reservation_id": "r"},
    {"type": "release", "quantity": ..., "reservation_id": "r"},
    {"type": "fulfil", "quantity": ..., "reservation_id": "r"},
    {"type": "expire", "quantity": ..., "reservation_id": "r", "expires_at": "2026-01-31T12:00:00Z"},
    {"type": "adjust", "quantity": ..., "reason": "counted", "set_to": 0},
    {"type": "adjust", "quantity": ..., "reason": "counted", "set_to": 10**15},
    {"type": "adjust", "quantity": ..., "reason": "broken", "difference": -1},
    {"quantity": 1},
    {"quantity": 1_000_000_000},
    {"sku": "x" * 100},
    {"sku": "é" * 50},
    {"sku": "two words"},
    {"sku": "🎁"},
    {"user": " "},
    {"user": "x" * 128},
    {"order_id": None},
    {"issued_at": "2026-01-31T12:00:00Z"},
    {"issued_at": "2026-01-31T12:00:00.123456+02:00"},
]


@pytest.mark.parametrize("changes", GOOD, ids=str)
def test_the_edges_are_taken(changes: dict[str, Any]) -> None:
    assert parse_command(body(**changes)).aggregate_id == changes.get("sku", "85123A")


def test_of_a_repeated_field_the_last_one_counts() -> None:
    twice = body().replace(b"}", b', "quantity": 7}')
    assert vars(parse_command(twice))["quantity"] == 7


def test_lines_of_one_sku_and_location_are_summed_and_sorted() -> None:
    lines = [
        {"sku": "B", "quantity": 1},
        {"sku": "A", "location": "main", "quantity": 2},
        {"sku": "A", "location": "attic", "quantity": 3},
        {"sku": "A", "quantity": 4},
    ]
    order = parse_command(placing(lines=lines))
    assert isinstance(order, PlaceOrder)
    summed = [(line.sku, line.location, line.quantity) for line in order.lines]
    assert summed == [("A", "attic", 3), ("A", "main", 6), ("B", "main", 1)]
    assert identity(order) == identity(parse_command(placing(lines=list(reversed(lines)))))
    assert order.aggregate_id == "order:1700"


def test_what_is_left_out_has_its_default() -> None:
    command = parse_command(body())
    left_out = [vars(command)[name] for name in ("location", "order_id", "reason", "issued_at")]
    assert left_out == ["main", None, None, None]


def test_times_are_in_utc() -> None:
    command = parse_command(body(issued_at="2026-01-31T12:00:00+02:00"))
    assert command.issued_at == datetime(2026, 1, 31, 10, tzinfo=UTC)
    assert b'"issued_at":"2026-01-31T10:00:00Z"' in encode_command(command)


def test_every_type_is_listed() -> None:
    assert ", ".join(map(repr, COMMAND_TYPES)) == TYPES
    assert all(len(kind) <= WORD_LIMIT_BYTES for kind in COMMAND_TYPES)


@pytest.mark.parametrize("model", [*MODELS, *get_args(LineCommand)], ids=lambda model: model.__name__)
def test_every_field_but_two_makes_the_identity(model: type[BaseModel]) -> None:
    assert {*_IDENTITY_FIELDS[model.model_fields["type"].default], "command_id", "issued_at"} == set(model.model_fields)


@given(commands())
def test_a_command_survives_the_wire(command: Command) -> None:
    assert parse_command(encode_command(command)) == command


@given(commands())
def test_the_wire_carries_only_what_is_set(command: Command) -> None:
    assert None not in json.loads(encode_command(command)).values()


IDENTITIES: list[tuple[Command, bytes]] = [
    (
        Purchase(command_id=UUID(COMMAND_ID), sku="85123A", quantity=6, user="till-3"),
        b"type=purchase\x1fsku=85123A\x1flocation=main\x1fquantity=6\x1fuser=till-3",
    ),
    (
        Restock(
            command_id=UUID(COMMAND_ID), sku="café 🎁", location="b", quantity=1, user="u", order_id="7", reason="r"
        ),
        "type=restock\x1fsku=café 🎁\x1flocation=b\x1fquantity=1\x1fuser=u\x1forder_id=7\x1freason=r".encode(),
    ),
    (
        Adjust(command_id=UUID(COMMAND_ID), sku="85123A", user="u", reason="counted", set_to=0),
        b"type=adjust\x1fsku=85123A\x1flocation=main\x1fuser=u\x1freason=counted\x1fset_to=0",
    ),
    (
        Reserve(command_id=UUID(COMMAND_ID), sku="85123A", quantity=6, user="u", reservation_id="r", expires_in=60),
        b"type=reserve\x1fsku=85123A\x1flocation=main\x1fquantity=6\x1fuser=u\x1freservation_id=r\x1fexpires_in=60",
    ),
    (
        Fulfil(command_id=UUID(COMMAND_ID), sku="85123A", user="u", reservation_id="r"),
        b"type=fulfil\x1fsku=85123A\x1flocation=main\x1fuser=u\x1freservation_id=r",
    ),
    (
        Expire(
            command_id=UUID(COMMAND_ID),
            sku="85123A",
            user="u",
            reservation_id="r",
            expires_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        ),
        (
            b"type=expire\x1fsku=85123A\x1flocation=main\x1fuser=u\x1freservation_id=r"
            b"\x1fexpires_at=2026-01-31 12:00:00+00:00"
        ),
    ),
    (
        PlaceOrder(
            command_id=UUID(COMMAND_ID),
            order_id="1700",
            lines=(OrderLine(sku="B", quantity=2), OrderLine(sku="A", location="attic", quantity=1)),
            user="u",
        ),
        (
            b"type=place_order\x1fuser=u\x1forder_id=1700\x1fexpires_in=30"
            b"\x1flines=A\x1dattic\x1d1\x1eB\x1dmain\x1d2\x1fallow_partial=False"
        ),
    ),
    (
        Transfer(command_id=UUID(COMMAND_ID), sku="85123A", quantity=6, to_location="attic", user="u"),
        b"type=transfer\x1fsku=85123A\x1flocation=main\x1fquantity=6\x1fuser=u\x1fto_location=attic",
    ),
]


@pytest.mark.parametrize(("command", "expected"), IDENTITIES, ids=lambda value: getattr(value, "type", ""))
def test_the_bytes_of_an_identity_never_change(command: Command, expected: bytes) -> None:
    assert identity(command) == expected


def test_the_digest_of_an_identity_never_changes() -> None:
    # Databases hold such digests: if this fails, every stored command would conflict with its retry.
    digest = sha256(identity(IDENTITIES[0][0])).hexdigest()
    assert digest == "2181fe29ab2ebd910cb3b7cbb148840a3bc62561cb5abd8c5f77f23fdb835ec4"


@given(commands() | line_commands())
def test_a_retry_may_have_a_new_stamp_and_is_the_same_command(command: Command | LineCommand) -> None:
    later = datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert identity(command.model_copy(update={"issued_at": later})) == identity(command)


@given(commands() | line_commands(), commands() | line_commands())
def test_commands_with_one_identity_ask_for_the_same(one: Command | LineCommand, other: Command | LineCommand) -> None:
    ignored = {"command_id", "issued_at"}
    same_fields = one.model_dump(exclude=ignored) == other.model_dump(exclude=ignored)
    assert (identity(one) == identity(other)) == same_fields
