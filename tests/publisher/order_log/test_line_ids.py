from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from publisher.order_log.line_ids import NAMESPACE, line_command_id

LINES = st.tuples(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.integers(1), st.binary())


def test_the_id_of_a_line_never_changes() -> None:
    # If it did, importing an old log again would apply all of it again.
    assert line_command_id("orders.csv", 2, b"A,1,till-3") == UUID("0684033e-f288-59b2-8b31-f543fdb152ef")


def test_it_is_a_name_based_uuid() -> None:
    assert line_command_id("orders.csv", 2, b"A,1") == uuid5(NAMESPACE, "orders.csv\x1f2\x1fA,1")


def test_bytes_that_are_no_text_have_an_id_too() -> None:
    assert line_command_id("orders.csv", 2, b"\xff") != line_command_id("orders.csv", 2, b"\xfe")


@given(LINES, LINES)
def test_only_the_same_line_of_the_same_source_has_the_same_id(
    one: tuple[str, int, bytes], other: tuple[str, int, bytes]
) -> None:
    assert (line_command_id(*one) == line_command_id(*other)) == (one == other)
