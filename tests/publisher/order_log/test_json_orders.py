from io import BytesIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.order_log.json_orders import json_orders
from publisher.order_log.line_ids import line_command_id
from publisher.order_log.lines import BadLine, numbered_lines
from publisher.order_log.logged_commands import LoggedCommand
from schemas.commands import Command, Purchase, encode_command
from tests.schemas.commands import body, commands


def read(content: bytes) -> list[LoggedCommand | BadLine]:
    return list(json_orders(numbered_lines(BytesIO(content)), "orders.jsonl"))


@given(st.lists(commands()))
def test_bodies_as_on_the_wire_are_read_as_they_are(written: list[Command]) -> None:
    content = b"\n".join(encode_command(command) for command in written)
    assert read(content) == [LoggedCommand(line, command) for line, command in enumerate(written, start=1)]


def test_an_id_that_is_missing_comes_from_the_line() -> None:
    text = b'{"type":"purchase","sku":"A","quantity":1,"user":"u","issued_at":"2026-01-31T12:00:00Z"}'
    (order,) = read(text + b"\r\n")
    assert isinstance(order, LoggedCommand)
    assert isinstance(order.command, Purchase)
    assert order.command.command_id == line_command_id("orders.jsonl", 1, text)


def test_an_id_that_is_given_is_kept() -> None:
    (order,) = read(body(command_id=str(UUID(int=7))))
    assert isinstance(order, LoggedCommand)
    assert order.command.command_id == UUID(int=7)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"{", "the body is not JSON in UTF-8"),
        (b"\xff", "the body is not JSON in UTF-8"),
        (b"7", "the body must be a JSON object"),
        (b"{}", "type: this field is missing"),
        (body(command_id=..., quantity=1.5), "quantity: must be a whole number"),
        (body(command_id=..., quantity=10**30), "quantity: must be at most"),
        (body(command_id=..., quantity=0), "quantity: must be at least 1"),
        (body(command_id=..., colour="red"), "colour: this field is unknown"),
        (body(command_id="7"), "command_id: must be a UUID"),
        (body(user=...), "user: this field is missing"),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_is_read(line: bytes, cause: str) -> None:
    bad, good = read(line + b"\n\n" + body())
    assert isinstance(bad, BadLine)
    assert bad.number == 1
    assert bad.cause.startswith(cause)
    assert isinstance(good, LoggedCommand)
    assert good.line == 3


@given(st.binary())
def test_any_bytes_give_orders_and_bad_lines(content: bytes) -> None:
    for order in read(content):
        assert isinstance(order, LoggedCommand | BadLine)
