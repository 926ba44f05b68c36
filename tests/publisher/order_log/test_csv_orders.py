import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import InvalidInput
from publisher.order_log.csv_orders import ROW_LIMIT_LINES, Columns, csv_orders
from publisher.order_log.line_ids import line_command_id
from publisher.order_log.lines import BadLine, numbered_lines
from publisher.order_log.logged_commands import LoggedCommand
from schemas.commands import Purchase, Restock

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
HEADER = b"sku,quantity,user,order_id,location\n"


def _quantity(order: LoggedCommand) -> int:
    return int(vars(order.command)["quantity"])


def read(content: bytes, columns: Columns | None = None) -> list[LoggedCommand | BadLine]:
    return list(csv_orders(numbered_lines(BytesIO(content)), columns or Columns(), "orders.csv", lambda: NOW))


def test_a_positive_quantity_is_a_purchase() -> None:
    command_id = line_command_id("orders.csv", 2, b"85123A,6,till-3,536365,shop")
    purchase = Purchase(
        command_id=command_id,
        sku="85123A",
        quantity=6,
        user="till-3",
        order_id="536365",
        location="shop",
        issued_at=NOW,
    )
    assert read(HEADER + b"85123A,6,till-3,536365,shop\n") == [LoggedCommand(2, purchase)]


def test_a_negative_quantity_is_a_restock_of_as_many() -> None:
    (order,) = read(HEADER + b"85123A,-6,till-3,,\n")
    assert isinstance(order, LoggedCommand)
    assert isinstance(order.command, Restock)
    assert (_quantity(order), order.command.order_id, order.command.location) == (6, None, "main")


def test_an_empty_user_is_the_import() -> None:
    (order,) = read(HEADER + b" 85123A , +6 , ,,\n")
    assert isinstance(order, LoggedCommand)
    assert (order.command.aggregate_id, _quantity(order), order.command.user) == ("85123A", 6, "import")


def test_only_sku_and_quantity_must_be_there() -> None:
    (order,) = read(b"quantity,colour,sku\n6,red,85123A\n")
    assert isinstance(order, LoggedCommand)
    assert order.command.aggregate_id == "85123A"


def test_columns_may_have_other_names() -> None:
    columns = Columns(sku="StockCode", quantity="Quantity", user="CustomerID", order_id="InvoiceNo")
    (order,) = read(b"InvoiceNo,StockCode,Quantity,CustomerID\n536365,85123A,6,17850.0\n", columns)
    assert isinstance(order, LoggedCommand)
    assert (order.command.user, order.command.order_id) == ("17850.0", "536365")


@pytest.mark.parametrize(
    ("content", "columns", "sentence"),
    [
        (b"", Columns(), "no header line"),
        (b"\n\n", Columns(), "no header line"),
        (b'"sku,quantity\n', Columns(), "line 1: not a CSV row: a quote is opened and not closed"),
        (b"sku,units\n", Columns(), "there is no column quantity; the columns are sku, units"),
        (b"sku,quantity\n", Columns(user="till"), "there is no column till"),
    ],
)
def test_a_header_that_does_not_serve_is_refused(content: bytes, columns: Columns, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read(content, columns)


BAD_ROWS = [
    (b"85123A,0,u,,", "quantity: must be at least 1 (got 0)"),
    (b"85123A,,u,,", "quantity: must be a whole number (got '')"),
    (b"85123A,1.5,u,,", "quantity: must be a whole number (got '1.5')"),
    (b"85123A,6.0,u,,", "quantity: must be a whole number (got '6.0')"),
    (b"85123A,1e3,u,,", "quantity: must be a whole number (got '1e3')"),
    (b"85123A,1_000,u,,", "quantity: must be a whole number (got '1_000')"),
    ("85123A,٣,u,,".encode(), "quantity: must be a whole number (got '\\u0663')"),
    (b"85123A," + b"9" * 5000 + b",u,,", "quantity: must be a whole number (got '" + "9" * 60 + "')"),
    (b"85123A,1000000001,u,,", "quantity: must be at most 1000000000 (got 1000000001)"),
    (b",6,u,,", "sku: must not be empty (got '')"),
    (b"85123A,6,a\x00b,,", "user: must hold no control character"),
    (b"\xff,6,u,,", "sku: "),
    (b"85123A,6", "has 2 fields, the header has 5"),
    (b"85123A,6,u,,,", "has 6 fields, the header has 5"),
    (b'85123A,6,"u"x,,', "not a CSV row: ',' expected after '\"'"),
    (b'85123A,6,"u,,', "not a CSV row: a quote is opened and not closed"),
]


@pytest.mark.parametrize(("row", "cause"), BAD_ROWS, ids=[cause for _, cause in BAD_ROWS])
def test_a_bad_row_is_named_and_the_next_one_is_read(row: bytes, cause: str) -> None:
    bad, good = read(HEADER + row + b"\nA,1,,,\n")
    assert isinstance(bad, BadLine)
    assert bad.number == 2
    assert bad.cause.startswith(cause)
    assert isinstance(good, LoggedCommand)
    assert good.line == 3


def test_bytes_that_are_no_text_harm_nobody_in_a_column_that_is_not_used() -> None:
    (order,) = read(b"sku,quantity,description\nA,1,caf\xe9\n")
    assert isinstance(order, LoggedCommand)


def test_a_quoted_field_may_hold_commas_quotes_and_line_ends() -> None:
    content = b'sku,quantity,note\n"A,B",1,"two\n""lines"""\nC,2,\n'
    first, second = read(content)
    assert isinstance(first, LoggedCommand)
    assert isinstance(second, LoggedCommand)
    assert (first.line, first.command.aggregate_id) == (2, "A,B")
    assert first.command.command_id == line_command_id("orders.csv", 2, b'"A,B",1,"two\n""lines"""')
    assert (second.line, second.command.aggregate_id) == (4, "C")


def test_an_open_quote_costs_its_own_line_only() -> None:
    rows = b"".join(b"A,%d,,,\n" % number for number in range(1, 3 * ROW_LIMIT_LINES))
    bad, *rest = read(HEADER + b'"A,1,,,\n' + rows)
    assert bad == BadLine(2, "not a CSV row: a quote is opened and not closed")
    assert [_quantity(order) for order in rest if isinstance(order, LoggedCommand)] == list(
        range(1, 3 * ROW_LIMIT_LINES)
    )


def test_blank_lines_are_skipped_and_counted() -> None:
    (order,) = read(b"sku,quantity\n\n \nA,1\n")
    assert isinstance(order, LoggedCommand)
    assert order.line == 4


def test_a_log_that_grew_or_was_corrected_keeps_the_ids_of_its_other_lines() -> None:
    def ids(content: bytes) -> dict[int, object]:
        return {order.line: order.command.command_id for order in read(content) if isinstance(order, LoggedCommand)}

    before = ids(b"sku,quantity\nA,1\nB,x\nC,3\n")
    after = ids(b"sku,quantity\r\nA,1\r\nB,2\r\nC,3\r\nD,4\r\n")
    assert before == {line: after[line] for line in (2, 4)}


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)


@given(st.lists(st.tuples(TEXTS, st.integers(-(10**9), 10**9), TEXTS)))
def test_what_a_csv_writer_writes_is_read(rows: list[tuple[str, int, str]]) -> None:
    text = StringIO()
    csv.writer(text).writerows([("sku", "quantity", "user"), *rows])
    orders = read(text.getvalue().encode())
    assert len(orders) == len(rows)
    for (sku, quantity, user), order in zip(rows, orders, strict=True):
        if quantity == 0:
            assert isinstance(order, BadLine)
            continue
        assert isinstance(order, LoggedCommand)
        sign = 1 if order.command.type == "purchase" else -1
        assert (order.command.aggregate_id, sign * _quantity(order), order.command.user) == (
            sku,
            quantity,
            user,
        )


@given(st.binary())
def test_any_bytes_give_orders_and_bad_lines(content: bytes) -> None:
    for order in read(b"sku,quantity\n" + content):
        assert isinstance(order, LoggedCommand | BadLine)
