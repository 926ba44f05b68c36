"""The checker finds what is spoilt about the last line of a whole order, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.checker.history import History
from tests.faults.checker.verdict import judge
from tests.faults_test.sound_history import FEED, receipt
from tests.faults_test.sound_order import (
    DEADLINE,
    ORDER,
    SALE,
    add_answer,
    add_end,
    cancelled_order,
    end_answer,
    forestalling_answer,
    placed_answer,
    refused_answer,
    replace_answer,
    sale_answer,
    sold_order,
)

Spoil = Callable[[History], None]


def _terms(history: History) -> set[str]:
    return {term for term, count in judge(history).counts.items() if count}


def _without_sale(history: History) -> None:
    del history.recorded["sell_line"]
    history.received = [each for each in history.received if each.name != "sell_line"]


def _refuse_a_sold_order(history: History) -> None:
    replace_answer(history, refused_answer("insufficient_stock"))


def _sell_it_in_the_books_only(history: History) -> None:
    _without_sale(history)
    for rows in (history.events, history.audit):
        rows[:] = [row for row in rows if row["command_id"] != "sell_line"]


def _tell_of_less(history: History) -> None:
    first, last = placed_answer()["lines"]
    replace_answer(history, placed_answer(lines=[first, last | {"sold": 0}]))


def _sell_it_twice(history: History) -> None:
    add_answer(history, sale_answer(command_id="sell_line_again", sequence=7), FEED)


def _forestall_what_is_sold(history: History) -> None:
    add_answer(history, forestalling_answer(command_id="forestalled", sequence=2), FEED)


def _answer_one_id_in_both_ways(history: History) -> None:
    history.received.append(receipt(FEED, forestalling_answer(sequence=2)))


def _sell_too_late(history: History) -> None:
    replace_answer(history, sale_answer(committed_at=DEADLINE.isoformat()))


def _sell_more_than_was_asked(history: History) -> None:
    replace_answer(history, sale_answer(quantity=2))


def _sell_the_first_line(history: History) -> None:
    replace_answer(history, sale_answer(reservation_id=f"{ORDER}#1"))


def _sell_for_a_stranger(history: History) -> None:
    replace_answer(history, sale_answer(reservation_id="order:9#2"))


def _hold_the_last_line(history: History) -> None:
    history.reservations.append({**history.reservations[0], "reservation_id": SALE, "fulfilled": 0})


SPOILT_SALES: list[tuple[Spoil, str]] = [
    (_refuse_a_sold_order, "unexpected"),
    (_sell_it_in_the_books_only, "lost"),
    (_tell_of_less, "unexpected"),
    (_sell_it_twice, "doubled"),
    (_forestall_what_is_sold, "doubled"),
    (_answer_one_id_in_both_ways, "doubled"),
    (_sell_too_late, "unexpected"),
    (_sell_more_than_was_asked, "unexpected"),
    (_sell_the_first_line, "unexpected"),
    (_sell_for_a_stranger, "unexpected"),
    (_hold_the_last_line, "unexpected"),
]


@pytest.mark.parametrize(("spoil", "term"), SPOILT_SALES, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_spoilt_of_a_sale_is_found(spoil: Spoil, term: str) -> None:
    history = sold_order()
    spoil(history)
    assert term in _terms(history)


def _leave_it_open(history: History) -> None:
    _without_sale(history)
    history.partitions = [row if row["sequence"] != 3 else {**row, "sequence": 2} for row in history.partitions]


def _sell_it_all_the_same(history: History) -> None:
    add_answer(history, sale_answer(command_id="sold", sequence=6), FEED)


def _forestalling(**more: Any) -> Spoil:
    return lambda history: replace_answer(history, forestalling_answer(**more))


SPOILT_FORESTALLING: list[tuple[Spoil, set[str]]] = [
    (_leave_it_open, {"unexpected"}),
    (_sell_it_all_the_same, {"doubled", "unexpected", "unaudited"}),
    (_forestalling(outcome="applied"), {"unexpected"}),
    (_forestalling(reason="order_expired"), {"unexpected"}),
    (_forestalling(user="somebody"), {"unexpected"}),
    (_forestalling(version=1), {"unexpected"}),
    (_forestalling(sequence=4), {"unexpected", "lost"}),
    (_forestalling(quantity=1), {"unexpected"}),
    (_forestalling(order_id="9"), {"unexpected"}),
    (_forestalling(committed_at=DEADLINE.isoformat()), {"unexpected"}),
]


def test_an_order_that_was_cancelled_before_its_last_line_was_sold_has_no_violation() -> None:
    assert judge(cancelled_order()).violations == []


@pytest.mark.parametrize(("spoil", "terms"), SPOILT_FORESTALLING)
def test_what_is_spoilt_of_what_forestalls_a_sale_is_found(spoil: Spoil, terms: set[str]) -> None:
    history = cancelled_order()
    spoil(history)
    assert _terms(history) == terms


def test_a_cancellation_may_find_the_last_line_sold_before_the_order_is_told() -> None:
    history = sold_order()
    replace_answer(history, placed_answer(sequence=2))
    add_end(history, end_answer("rejected", "order_completed", 1))
    assert _terms(history) == set()


def test_it_may_not_find_it_sold_where_it_was_not() -> None:
    history = cancelled_order()
    replace_answer(history, end_answer("rejected", "order_completed", 1))
    assert "unexpected" in _terms(history)
