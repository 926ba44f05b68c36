from tests.demo.columns import LogColumns
from tests.demo.expectation import NO_ORDER, Verdict, expect, opening_stock
from tests.demo.log_lines import OrderLine, ReadLog

COLUMNS = LogColumns("StockCode", "Quantity", None, None)


def test_opening_stock_is_80_percent_of_what_is_sold_rounded_down() -> None:
    orders = [OrderLine(2, "A", 5), OrderLine(3, "A", 4), OrderLine(4, "A", -3), OrderLine(5, "B", 1)]
    assert opening_stock(orders) == {"A": 7}


def test_a_purchase_takes_effect_only_if_enough_is_there_at_its_turn() -> None:
    orders = [OrderLine(2, "A", 6), OrderLine(3, "A", 5), OrderLine(4, "A", -2), OrderLine(5, "A", 5)]
    expectation = expect(ReadLog(COLUMNS, orders, []), {"A": 10})
    assert expectation.verdicts == {
        2: Verdict("applied", None, 4),
        3: Verdict("rejected", "insufficient_stock", 4),
        4: Verdict("applied", None, 6),
        5: Verdict("applied", None, 1),
    }
    assert expectation.stock == {"A": 1}


def test_codes_that_differ_in_case_are_two_skus() -> None:
    orders = [OrderLine(2, "15056BL", 1), OrderLine(3, "15056bl", 1)]
    expectation = expect(ReadLog(COLUMNS, orders, []), {"15056BL": 1})
    assert expectation.verdicts[3] == Verdict("rejected", "insufficient_stock", 0)
    assert expectation.stock == {"15056BL": 0, "15056bl": 0}


def test_the_opening_stock_counts_as_commands_and_what_is_no_order_does_not() -> None:
    expectation = expect(ReadLog(COLUMNS, [OrderLine(2, "A", 3), OrderLine(4, "A", 1)], [3]), {"A": 2})
    assert expectation.command_count == 3
    assert expectation.applied_count == 2
    assert expectation.verdicts[3] == NO_ORDER
