import sqlite3
from collections import Counter, defaultdict
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.order_log.csv_orders import Columns, csv_orders
from publisher.order_log.line_ids import line_command_id
from publisher.order_log.lines import BadLine, BadOrder, numbered_lines
from publisher.order_log.logged_commands import LoggedCommand
from publisher.order_log.whole_orders import OrderTerms, order_command_id, whole_orders
from schemas.commands import Purchase, Restock
from schemas.order_commands import PlaceOrder

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
HEADER = b"order_id,sku,quantity,user,location\n"


def clock() -> datetime:
    return NOW


TERMS = OrderTerms("log.csv", clock)


def read(rows: bytes, terms: OrderTerms = TERMS) -> list[LoggedCommand | BadLine]:
    lines = csv_orders(numbered_lines(BytesIO(HEADER + rows)), Columns(), terms.source, terms.clock)
    with whole_orders(lines, terms) as logged:
        return list(logged)


def lines_of(logged: LoggedCommand | BadLine) -> list[tuple[str, str, int]]:
    assert isinstance(logged, LoggedCommand)
    assert isinstance(logged.command, PlaceOrder)
    return [(line.sku, line.location, line.quantity) for line in logged.command.lines]


def told(logged: LoggedCommand | BadLine) -> tuple[int, str]:
    """Return the line, and what is sent or why it is not."""
    if isinstance(logged, BadLine):
        return logged.number, logged.cause
    return logged.line, f"{logged.command.type} {logged.command.order_id}"


def test_lines_of_one_order_are_one_command() -> None:
    (logged,) = read(b"1,B,2,till-3,\n1,A,1,till-3,attic\n1,B,3,,\n")
    assert isinstance(logged, LoggedCommand)
    assert lines_of(logged) == [("A", "attic", 1), ("B", "main", 5)]
    assert (logged.line, logged.line_count) == (2, 3)
    command = logged.command
    assert isinstance(command, PlaceOrder)
    assert (command.order_id, command.user, command.issued_at) == ("1", "till-3", NOW)
    assert (command.allow_partial, command.expires_in) == (False, 600)
    assert command.command_id == order_command_id("log.csv", "1")


def test_what_all_orders_have_in_common_is_said_once() -> None:
    (logged,) = read(b"1,A,1,,\n", OrderTerms("log.csv", clock, allow_partial=True, expires_in=7))
    assert isinstance(logged, LoggedCommand)
    assert isinstance(logged.command, PlaceOrder)
    assert (logged.command.allow_partial, logged.command.expires_in, logged.command.user) == (True, 7, "import")


def test_an_order_is_placed_where_its_last_line_stands() -> None:
    logged = read(b"1,A,1,,\n2,A,1,,\n3,A,1,,\n1,B,1,,\n3,B,1,,\n")
    assert [told(each) for each in logged] == [(3, "place_order 2"), (2, "place_order 1"), (4, "place_order 3")]


def test_returns_stay_where_they_are_and_an_exchange_gives_back_first() -> None:
    logged = read(b"1,A,2,,\n2,A,-1,,\n1,B,-5,,\n1,C,1,,\n,A,1,,\n3,C,1,,\n3,C,-1,,\n")
    assert [told(each) for each in logged] == [
        (3, "restock 2"),
        (4, "restock 1"),
        (2, "place_order 1"),
        (6, "purchase None"),
        (8, "restock 3"),
        (7, "place_order 3"),
    ]
    returned = logged[0]
    assert isinstance(returned, LoggedCommand)
    assert returned.command.command_id == line_command_id("log.csv", 3, b"2,A,-1,,")


def test_an_order_with_a_bad_line_is_not_sent() -> None:
    logged = read(b"1,A,x,,\n2,A,1,,\n1,B,1,,\n1,C,0,,\n1,D,-1,,\n")
    assert [told(each) for each in logged] == [
        (2, "quantity: must be a whole number (got 'x')"),
        (3, "place_order 2"),
        (5, "quantity: must be at least 1 (got 0)"),
        (6, "restock 1"),
        (4, "the order '1' is not sent: its line 2 is bad"),
    ]
    assert isinstance(logged[-1], BadOrder)
    assert (logged[-1].line_count, logged[0].line_count) == (1, 1)


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        (b"1,A,1,till-3,\n1,A,1,till-4,\n1,B,1,,\n", "its lines name 2 users, 'till-3' and 'till-4' among them"),
        (b"1,A,1000000000,,\n1,A,1,,\n", "lines: the lines of 'A' at 'main' must be at most 1000000000 units in all"),
        ("ü".encode() * 60 + b",A,1,,\n", "order_id: must be at most 94 bytes of UTF-8"),
        (b"1,A,1,,\n" * 1001, "it has 1,001 lines, and 1,000 are the limit"),
    ],
    ids=["users", "units", "id", "lines"],
)
def test_what_makes_no_order_is_named_by_its_first_line(rows: bytes, cause: str) -> None:
    bad, good = read(rows + b"2,A,1,,\n")
    assert isinstance(bad, BadOrder)
    assert (bad.number, bad.line_count) == (2, rows.count(b"\n"))
    assert cause in bad.cause
    assert told(good)[1] == "place_order 2"


def test_an_order_of_as_many_lines_as_can_be_is_sent() -> None:
    (logged,) = read(b"".join(b"1,S%d,1,,\n" % number for number in range(1000)))
    assert len(lines_of(logged)) == 1000


def test_a_bad_line_whose_order_cannot_be_told_stops_no_order() -> None:
    logged = read(b"1,A,1,,\n1,A\n\xff,A,x,,\n1,B,1,,\n")
    assert [each.line_count for each in logged] == [1, 1, 2]
    assert told(logged[-1]) == (2, "place_order 1")


def test_the_id_of_an_order_never_changes() -> None:
    # If it did, importing an old log again would be refused order by order.
    assert order_command_id("orders.csv", "536365") == UUID("e116632d-74e9-5970-ab84-bd1b59c4514e")


def test_an_order_keeps_its_id_when_the_log_is_sorted_or_grows() -> None:
    def ids(rows: bytes) -> set[UUID]:
        return {each.command.command_id for each in read(rows) if isinstance(each, LoggedCommand)}

    assert ids(b"1,A,1,,\n2,A,1,,\n1,B,1,,\n") == ids(b"1,B,1,,\n1,A,1,,\n2,A,1,,\n")
    assert ids(b"1,A,1,,\n") < ids(b"1,A,1,,\n2,A,1,,\n")


def test_a_full_disk_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def small(name: str) -> sqlite3.Connection:
        database = connect(name)
        database.execute("PRAGMA max_page_count = 3")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(OSError, match="put together: database or disk is full; TMPDIR"):
        read(b"".join(b"%d,A,1,,\n" % number for number in range(1000)))


ROWS = st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("AB"), st.integers(-3, 3).filter(bool)), max_size=30)


@given(ROWS)
def test_nothing_is_lost_or_counted_twice(rows: list[tuple[str, str, int]]) -> None:
    logged = read(b"".join(f"{order},{sku},{quantity},,\n".encode() for order, sku, quantity in rows))
    sold: defaultdict[str, Counter[str]] = defaultdict(Counter)
    returned: list[tuple[str | None, str, int]] = []
    for each in logged:
        assert isinstance(each, LoggedCommand)
        if isinstance(each.command, PlaceOrder):
            assert each.command.order_id not in sold
            for line in each.command.lines:
                sold[each.command.order_id][line.sku] += line.quantity
        else:
            assert isinstance(each.command, Restock)
            returned.append((each.command.order_id, each.command.sku, -each.command.quantity))
    expected: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for order, sku, quantity in rows:
        if quantity > 0:
            expected[order][sku] += quantity
    assert sold == expected
    assert returned == [row for row in rows if row[2] < 0]
    assert sum(each.line_count for each in logged) == len(rows)
    _assert_in_turn(rows, logged)


def _assert_in_turn(rows: list[tuple[str, str, int]], logged: list[LoggedCommand | BadLine]) -> None:
    last_lines = {order: line for line, (order, _, _) in enumerate(rows, 2)}
    turns = []
    for each in logged:
        assert isinstance(each, LoggedCommand)
        order_id = each.command.order_id
        is_order = isinstance(each.command, PlaceOrder)
        turns.append((last_lines[order_id or ""] if is_order else each.line, is_order))
    assert all(earlier < later for earlier, later in pairwise(turns))


def test_a_log_without_orders_is_left_as_it_is() -> None:
    logged = read(b",A,1,,\n,A,-1,,\n,A,x,,\n")
    assert [type(each.command) for each in logged if isinstance(each, LoggedCommand)] == [Purchase, Restock]
    assert told(logged[2])[0] == 4
