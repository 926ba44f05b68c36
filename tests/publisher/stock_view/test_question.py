"""What stays an answer while the rest of a question is looked up."""

import pytest

from publisher.stock_view.counters import StockViewCounters
from publisher.stock_view.knowledge import StockKnowledge
from publisher.stock_view.look import Head, Look
from publisher.stock_view.question import Question
from publisher.stock_view.sku_stock import Level, SkuStock

MAX_AGE_SECONDS = 0.075
STOCK = SkuStock(3, {"main": Level(5, 1)})


@pytest.fixture
def knowledge() -> StockKnowledge:
    return StockKnowledge(
        capacity_levels=10, max_age_seconds=MAX_AGE_SECONDS, lifetime_seconds=300, counters=StockViewCounters()
    )


def asked(knowledge: StockKnowledge, *, at_least: int = 0) -> Question:
    return Question(
        knowledge, ["A", "B"], "main", at_least=at_least, asked_seconds=10.0, max_age_seconds=MAX_AGE_SECONDS
    )


def test_what_a_later_look_has_found_stays_an_answer_and_tells_its_age(knowledge: StockKnowledge) -> None:
    question = asked(knowledge)
    question.note({"A": STOCK}, 10.0)
    (reading,) = question.readings(10.5).values()
    assert (reading.sku, reading.available, reading.version, reading.stale) == ("A", 4, 3, False)
    assert reading.age_seconds == pytest.approx(0.5)


def test_what_a_look_has_found_that_began_before_is_an_answer_while_it_is_young(knowledge: StockKnowledge) -> None:
    question = asked(knowledge)
    question.note({"A": STOCK}, 9.95)
    assert question.readings(10.02).keys() == {"A"}
    assert question.readings(10.03) == {}


def test_what_memory_proves_is_an_answer_while_it_does(knowledge: StockKnowledge) -> None:
    knowledge.adopt(Look([Head(0, 1, 0)], {"A": STOCK}), 9.95)
    question = asked(knowledge)
    assert question.readings(10.02).keys() == {"A"}
    assert question.readings(10.03) == {}


def test_a_version_that_memory_does_not_hold_is_looked_up(knowledge: StockKnowledge) -> None:
    knowledge.adopt(Look([Head(0, 1, 0)], {"A": STOCK}), 10.0)
    assert asked(knowledge, at_least=3).readings(10.0).keys() == {"A"}
    question = asked(knowledge, at_least=4)
    assert question.readings(10.0) == {}
    question.note({"A": STOCK}, 10.0)  # there is no newer one
    assert question.readings(10.0).keys() == {"A"}
