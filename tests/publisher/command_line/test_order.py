import json
from pathlib import Path
from uuid import uuid4

import pytest

from publisher.command_line.order_reading import FILE_LIMIT_BYTES, fields_of_file
from publisher.derived_ids import placing_id
from publisher.errors import InvalidInput
from schemas.order_commands import CancelOrder, PlaceOrder
from schemas.results import OrderResult, parse_result
from tests.publisher.answering_twin import AnsweringTwin
from tests.publisher.command_line.program import Finished, run
from tests.publisher.command_line.test_verbs import assert_readable

WHO = ("--user", "web", "--order-id", "1700")


def answer_of(finished: Finished) -> OrderResult:
    answer = parse_result(finished.output)
    assert isinstance(answer, OrderResult)
    return answer


async def test_an_order_of_options(amqp_url: str, twin: AnsweringTwin) -> None:
    twin.stock |= {("A", "main"): 10, ("B:1@x", "attic 2"): 10}
    lines = ("--line", "A:6", "--line", "B:1@x:2@attic 2")
    ordered = await run("order", *lines, *WHO, "--reason", "basket", ORDERS_AMQP_URL=amqp_url)
    assert (ordered.exit_code, ordered.errors) == (0, "")
    assert_readable(ordered)
    rows = [line.split() for line in ordered.output.splitlines()]
    assert ["outcome", "applied"] in rows
    assert ["command", "place_order", "1700"] in rows
    assert rows[-2:] == [["A", "main", "6", "6"], ["B:1@x", "attic", "2", "2", "2"]]
    (command,) = twin.received
    assert isinstance(command, PlaceOrder)
    assert (command.command_id, command.user, command.reason) == (placing_id("1700"), "web", "basket")
    again = await run("order", *lines, *WHO, "--reason", "basket", "--json", ORDERS_AMQP_URL=amqp_url)
    assert [line.sold for line in answer_of(again).lines] == [6, 2]
    assert twin.stock["A", "main"] == 4


async def test_a_refusal_and_a_sale_in_part(amqp_url: str, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 5
    refused = await run("order", "--line", "A:6", "--line", "B:1", *WHO, ORDERS_AMQP_URL=amqp_url)
    assert refused.exit_code == 1
    assert ["A", "main", "6", "0", "insufficient_stock"] in [line.split() for line in refused.output.splitlines()]
    assert_readable(refused)
    lines = ("--line", "A:6", "--line", "B:1", "--allow-partial", "--expires-in", "60")
    sold = await run("order", *lines, "--order-id", "1701", "--user", "web", "--json", ORDERS_AMQP_URL=amqp_url)
    assert sold.exit_code == 0
    assert [line.sold for line in answer_of(sold).lines] == [5, 0]
    command = twin.received[-1]
    assert isinstance(command, PlaceOrder)
    assert (command.allow_partial, command.expires_in) == (True, 60)


async def test_an_order_of_a_file_of_rows(amqp_url: str, twin: AnsweringTwin, tmp_path: Path) -> None:
    twin.stock |= {("A", "main"): 10, ("B", "attic"): 10}
    file = tmp_path / "order.csv"
    file.write_text("\ufeffSKU,quantity,location\nA,6\n\n B , 2 ,attic\nA,1,\n")
    ordered = await run("order", str(file), *WHO, "--json", ORDERS_AMQP_URL=amqp_url)
    assert [(line.sku, line.location, line.sold) for line in answer_of(ordered).lines] == [
        ("A", "main", 7),
        ("B", "attic", 2),
    ]


async def test_an_order_as_on_the_wire_from_the_standard_input(amqp_url: str, twin: AnsweringTwin) -> None:
    body = {
        "type": "place_order",
        "command_id": str(uuid4()),
        "order_id": "1",
        "user": "shop",
        "lines": [{"sku": "A", "quantity": 1}],
        "issued_at": "2026-01-31T12:00:00Z",
    }
    ordered = await run("order", "-", "--order-id", "1700", ORDERS_AMQP_URL=amqp_url, given=json.dumps(body))
    assert ordered.exit_code == 1
    (command,) = twin.received
    assert isinstance(command, PlaceOrder)
    assert (str(command.command_id), command.order_id, command.user) == (body["command_id"], "1700", "shop")
    assert command.issued_at is not None
    assert command.issued_at.year == 2026


async def test_a_cancellation(amqp_url: str, twin: AnsweringTwin) -> None:
    cancelled = await run("cancel-order", "1700", "--user", "web", "--reason", "bored", ORDERS_AMQP_URL=amqp_url)
    assert cancelled.exit_code == 1
    assert "unknown_order" in cancelled.output
    assert "cancel_order 1700" in cancelled.output
    assert_readable(cancelled)
    (command,) = twin.received
    assert isinstance(command, CancelOrder)
    assert command.reason == "bored"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (WHO, "either FILE, or --line"),
        (("order.csv", "--line", "A:1", *WHO), "either FILE, or --line"),
        (("nothing.csv", *WHO), "nothing.csv cannot be read: No such file"),
        (("--line", "A", *WHO), "--line: must be SKU:UNITS"),
        (("--line", "A:0", *WHO), "--line 'A:0': must be at least 1 (got 0)"),
        (("--line", "A:1@", *WHO), "--line: must be SKU:UNITS"),
        (("--line", "order:A:1", *WHO), "must not begin with order:"),
        (("--line", "A:1", "--user", "web"), "order_id: this field is missing"),
        (("--line", "A:1", "--order-id", "1700"), "user: this field is missing"),
        (("--line", "A:1", *WHO, "--expires-in", "0"), "expires_in: must be at least 1 (got 0)"),
        (("--line", "A:1", *WHO, "--reason", "\udcff"), "not text in UTF-8"),
        (("--line", "A:\udcff:1", *WHO), "--line"),
    ],
    ids=ascii,
)
async def test_wrong_use(arguments: tuple[str, ...], said: str) -> None:
    refused = await run("order", *arguments)
    assert (refused.exit_code, refused.output) == (2, "")
    assert said in refused.errors
    assert "Traceback" not in refused.errors


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"type": "purchase"', "standard input: not JSON in UTF-8"),
        ('{"type":"purchase","sku":"A","quantity":1,"lines":[]}', "this field is unknown"),
        ('{"type":"purchase","sku":"A","quantity":1}', "type: must be place_order (got purchase)"),
        ('{"lines":[{"sku":"A","quantity":"1"}]}', "lines.0.quantity: must be a whole number"),
        ("", "lines: must have at least 1"),
    ],
    ids=ascii,
)
async def test_a_wrong_body(body: str, said: str) -> None:
    options = WHO if "lines" in body or not body else WHO[:2]
    refused = await run("order", "-", *options, given=body)
    assert (refused.exit_code, refused.output) == (2, "")
    assert said in refused.errors
    assert "Traceback" not in refused.errors


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"A,1\nB,x", "order.csv line 2: must be a whole number"),
        (b"A,1\nB,0", r"order.csv line 2: must be at least 1 \(got 0\)"),
        (b"A,1,b,c", "order.csv line 1: must be SKU,UNITS or SKU,UNITS,LOCATION"),
        (b",1", "order.csv line 1: must not be empty"),
        (b'A,"1', "order.csv: neither a JSON object nor CSV rows"),
        (b"\xff,1", "order.csv: neither a JSON object nor CSV rows"),
        (b"[]", "order.csv line 1: must be SKU,UNITS"),
    ],
)
def test_a_wrong_row_is_named(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        fields_of_file(content, "order.csv")


async def test_a_file_that_is_no_order_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "order.csv"
    file.write_bytes(b"A,1\n" * FILE_LIMIT_BYTES)
    refused = await run("order", str(file), *WHO)
    assert refused.exit_code == 2
    assert "is longer than 1,000,000 bytes; `import --orders`" in refused.errors
