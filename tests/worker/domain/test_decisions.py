from datetime import UTC, datetime
from typing import get_args

import pytest

from schemas.fields import COUNT_LIMIT
from schemas.reasons import Reason
from worker.domain import (
    ChangeStock,
    Command,
    Event,
    Level,
    Purchase,
    Refusal,
    RefusalReason,
    Restock,
    SetStock,
    Stock,
    StockAdded,
    StockAdjusted,
    StockRemoved,
    StockTransferred,
    Transfer,
    decide,
)
from worker.domain.evolution import EFFECTS
from worker.domain.line_rules import LINE_RULES
from worker.domain.reservation_rules import RESERVATION_RULES
from worker.domain.stock import ON_HAND_LIMIT
from worker.domain.stock_rules import STOCK_RULES

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EMPTY = Stock()
FIVE = Stock(3, {"main": Level(5)})
FIVE_WITH_TWO_RESERVED = Stock(3, {"main": Level(5, reserved=2)})
FULL = Stock(1, {"main": Level(ON_HAND_LIMIT)})


@pytest.mark.parametrize(
    ("stock", "command", "event"),
    [
        (EMPTY, Restock("main", 1), StockAdded("main", 1)),
        (FIVE, Purchase("main", 1), StockRemoved("main", 1)),
        (FIVE, Purchase("main", 5), StockRemoved("main", 5)),
        (FIVE, Restock("attic", 2), StockAdded("attic", 2)),
        (FIVE_WITH_TWO_RESERVED, Purchase("main", 3), StockRemoved("main", 3)),
        (EMPTY, Restock("main", ON_HAND_LIMIT), StockAdded("main", ON_HAND_LIMIT)),
        (FULL, Restock("attic", 1), StockAdded("attic", 1)),
        (FIVE, SetStock("main", 7), StockAdjusted("main", 2)),
        (FIVE, SetStock("main", 5), StockAdjusted("main", 0)),
        (FIVE_WITH_TWO_RESERVED, SetStock("main", 2), StockAdjusted("main", -3)),
        (FIVE, ChangeStock("main", -5), StockAdjusted("main", -5)),
        (EMPTY, ChangeStock("attic", 4), StockAdjusted("attic", 4)),
        (FIVE, Transfer("main", "attic", 5), StockTransferred("main", "attic", 5)),
        (FIVE_WITH_TWO_RESERVED, Transfer("main", "attic", 3), StockTransferred("main", "attic", 3)),
    ],
)
def test_what_the_rules_allow_happens(stock: Stock, command: Command, event: Event) -> None:
    assert decide(stock, command, NOW) == event


@pytest.mark.parametrize(
    ("stock", "command", "reason", "message"),
    [
        (EMPTY, Purchase("main", 1), RefusalReason.INSUFFICIENT_STOCK, "1 wanted at main, 0 available"),
        (FIVE, Purchase("main", 6), RefusalReason.INSUFFICIENT_STOCK, "6 wanted at main, 5 available"),
        (FIVE, Purchase("attic", 1), RefusalReason.INSUFFICIENT_STOCK, "1 wanted at attic, 0 available"),
        (
            FIVE_WITH_TWO_RESERVED,
            Purchase("main", 4),
            RefusalReason.INSUFFICIENT_STOCK,
            "4 wanted at main, 3 available",
        ),
        (
            FIVE_WITH_TWO_RESERVED,
            SetStock("main", 1),
            RefusalReason.BELOW_RESERVED,
            "1 would be left at main, 2 reserved",
        ),
        (FIVE, ChangeStock("main", -6), RefusalReason.BELOW_RESERVED, "-1 would be left at main, 0 reserved"),
        (
            FULL,
            ChangeStock("main", 1),
            RefusalReason.STOCK_LIMIT,
            "1000000000000000 on hand at main; with 1 more it would pass 1000000000000000",
        ),
        (
            FIVE_WITH_TWO_RESERVED,
            Transfer("main", "attic", 4),
            RefusalReason.INSUFFICIENT_STOCK,
            "4 wanted at main, 3 available",
        ),
        (
            Stock(2, {"main": Level(5), "attic": Level(ON_HAND_LIMIT)}),
            Transfer("main", "attic", 1),
            RefusalReason.STOCK_LIMIT,
            "1000000000000000 on hand at attic; with 1 more it would pass 1000000000000000",
        ),
        (
            FULL,
            Restock("main", 1),
            RefusalReason.STOCK_LIMIT,
            "1000000000000000 on hand at main; with 1 more it would pass 1000000000000000",
        ),
    ],
)
def test_what_they_do_not_is_refused_with_its_figures(
    stock: Stock, command: Command, reason: RefusalReason, message: str
) -> None:
    assert decide(stock, command, NOW) == Refusal(reason, message)


@pytest.mark.parametrize("reason", RefusalReason)
def test_every_refusal_is_a_word_of_the_wire(reason: RefusalReason) -> None:
    assert Reason(reason.value).value == reason.value


def test_the_limit_is_exact_in_every_json_reader_and_can_be_counted() -> None:
    assert ON_HAND_LIMIT == COUNT_LIMIT < 2**53


def test_every_command_has_a_rule_and_every_event_an_effect() -> None:
    assert {*STOCK_RULES, *RESERVATION_RULES, *LINE_RULES} == set(get_args(Command))
    assert set(EFFECTS) == set(get_args(Event))
