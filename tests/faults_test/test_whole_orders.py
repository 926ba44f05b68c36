"""The checker finds what is spoilt in the sound history of a whole order, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.checker.history import History
from tests.faults.checker.verdict import judge
from tests.faults_test.sound_order import (
    DEADLINE,
    ORDER,
    add_end,
    end_answer,
    line_answer,
    order_event,
    placed_answer,
    placing,
    refused_answer,
    replace_answer,
    sold_order,
)

Spoil = Callable[[History], None]


def _terms(history: History) -> set[str]:
    return {term for term, count in judge(history).counts.items() if count}


def _hold(history: History, **changes: Any) -> None:
    history.reservations = [{**history.reservations[0], **changes}]


def _keep_holding(history: History) -> None:
    _hold(history, held=2, fulfilled=0, status="held")


def _give_sold_units_back(history: History) -> None:
    _hold(history, fulfilled=0, status="released")


def _sell_a_refused_order(history: History) -> None:
    replace_answer(history, refused_answer("order_expired"))


def _refuse_without_cause(history: History) -> None:
    _sell_a_refused_order(history)
    _hold(history, fulfilled=0, status="released")


def _sell_more_than_was_held(history: History) -> None:
    replace_answer(history, _reserved(quantity=1))


def _reserved(**more: Any) -> dict[str, Any]:
    return line_answer("reserve_line", 4, 2, 2) | more


def _leave_out_a_line(history: History) -> None:
    replace_answer(history, placed_answer(lines=placed_answer()["lines"][:1]))


def _decide_twice(history: History) -> None:
    history.events.append(order_event(3, "OrderRefused", "reserve_line"))


def _hear_twice(history: History) -> None:
    history.events.append(order_event(3, "LinesAnswered", "reserve_line", line=1, answers=[[0, "x", None]]))


def _hold_for_a_stranger(history: History) -> None:
    history.reservations.append({**history.reservations[0], "reservation_id": "order:9#1"})


def _reserve_for_a_stranger(history: History) -> None:
    replace_answer(history, _reserved(reservation_id="order:9#1"))


def _ask_about_a_line_too_many(history: History) -> None:
    replace_answer(history, _reserved(reservation_id=f"{ORDER}#3"))


def _reserve_too_late(history: History) -> None:
    replace_answer(history, _reserved(committed_at=DEADLINE.isoformat()))


def _leave_undecided(history: History) -> None:
    history.orders = [{**history.orders[0], "status": "pending"}]


def _cancel_a_sold_order(history: History) -> None:
    add_end(history, end_answer("applied", None, 2))


def _let_the_cancellation_overtake(history: History) -> None:
    add_end(history, end_answer("rejected", "unknown_order", 1))
    replace_answer(history, placed_answer(sequence=2))


SPOILT: list[tuple[Spoil, str]] = [
    (_keep_holding, "held_for_ever"),
    (_give_sold_units_back, "lost"),
    (_sell_a_refused_order, "unexpected"),
    (_refuse_without_cause, "unexpected"),
    (_sell_more_than_was_held, "unexpected"),
    (_leave_out_a_line, "unexpected"),
    (_decide_twice, "doubled"),
    (_hear_twice, "doubled"),
    (_hold_for_a_stranger, "unexpected"),
    (_reserve_for_a_stranger, "unexpected"),
    (_ask_about_a_line_too_many, "unexpected"),
    (_reserve_too_late, "unexpected"),
    (_leave_undecided, "held_for_ever"),
    (_cancel_a_sold_order, "unexpected"),
    (_let_the_cancellation_overtake, "reordered"),
]


def test_an_order_that_was_sold_has_no_violation() -> None:
    assert judge(sold_order()).violations == []


@pytest.mark.parametrize(("spoil", "term"), SPOILT, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_spoilt_is_found(spoil: Spoil, term: str) -> None:
    history = sold_order()
    spoil(history)
    assert term in _terms(history)


def test_a_cancellation_that_came_too_late_is_sound() -> None:
    history = sold_order()
    add_end(history, end_answer("rejected", "order_completed", 2))
    assert _terms(history) == set()


def test_an_order_that_allows_less_may_be_sold_in_part() -> None:
    history = sold_order()
    more = [{"sku": "a", "quantity": 8}, {"sku": "a", "location": "shop", "quantity": 1}]
    order = next(each for each in history.sent if each.name == "place")
    first, last = placed_answer()["lines"]
    replace_answer(history, placed_answer(lines=[first | {"quantity": 8}, last]))
    order.body = placing(lines=more)
    assert "unexpected" in _terms(history)
    order.body = placing(lines=more, allow_partial=True)
    assert _terms(history) == set()


def test_an_order_that_is_not_decided_yet_is_not_lost() -> None:
    history = sold_order()
    del history.recorded["place"]
    history.undecided = frozenset({"place"})
    history.received = [each for each in history.received if each.name != "place"]
    _leave_undecided(history)
    _keep_holding(history)
    verdict = judge(history)
    assert not [each for each in verdict.violations if "place" in each.names and each.term == "lost"]
