"""The parts of the proof of whole orders: it must see what is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.demo.columns import LogColumns
from tests.demo.log_lines import OrderLine, ReadLog
from tests.demo.orders.expectation import InTurn, fold_in_turn
from tests.demo.orders.history import History, Level, Refusal, fold_levels
from tests.demo.orders.invoices import invoices_of
from tests.demo.orders.proof import prove_orders
from tests.demo.orders.streaming import OrderNotes

COLUMNS = LogColumns("StockCode", "Quantity", "CustomerID", "InvoiceNo")
LINES = [
    OrderLine(2, "A", 3, "1", "ann"),
    OrderLine(3, "B", 1, "2"),
    OrderLine(4, "B", 2, "1"),
    OrderLine(5, "A", -4, "C3"),
    OrderLine(6, "A", 9, "4"),
]
OPENING = {"A": 5, "B": 2}
LOG = ReadLog(COLUMNS, LINES, [])


def read(*more: OrderLine, spoilt: Mapping[str, int] | None = None) -> ReadLog:
    return ReadLog(COLUMNS, [*LINES, *more], [], dict(spoilt or {}))


def test_lines_are_put_together_by_their_order() -> None:
    sent = invoices_of(LOG)
    assert {line: (invoice.order, invoice.turn, dict(invoice.units)) for line, invoice in sent.invoices.items()} == {
        2: ("1", 4, {"A": 3, "B": 2}),
        3: ("2", 3, {"B": 1}),
        6: ("4", 6, {"A": 9}),
    }
    assert list(sent.returns) == [5]
    assert [getattr(item, "order", None) for item in sent.in_turn()] == ["2", "1", "C3", "4"]


@pytest.mark.parametrize(
    "log",
    [
        read(spoilt={"1": 7}),
        read(OrderLine(7, "C", 1, "1", "bob")),
        read(*(OrderLine(7 + number, f"S{number}", 1, "1") for number in range(999))),
    ],
    ids=["bad line", "two users", "too long"],
)
def test_what_is_no_whole_order_is_not_sent(log: ReadLog) -> None:
    assert [invoice.order for invoice in invoices_of(log).invoices.values()] == ["2", "4"]


def test_in_turn_an_invoice_is_refused_over_its_first_sku_that_is_short() -> None:
    in_turn = fold_in_turn(invoices_of(LOG), OPENING)
    assert in_turn == InTurn({3: None, 2: "B", 6: None}, {"A": 0, "B": 1})


def test_levels_are_folded_and_faults_are_named() -> None:
    events = [
        ("A", 1, "StockAdded", 5),
        ("A", 2, "StockReserved", 3),
        ("A", 3, "ReservationFulfilled", 3),
        ("A", 4, "StockRemoved", 2),
    ]
    levels, faults = fold_levels((sku, version, kind, {"quantity": units}) for sku, version, kind, units in events)
    assert levels == {"A": [Level(0, 0), Level(5, 0), Level(5, 3), Level(2, 0), Level(0, 0)]}
    assert faults == []
    _, faults = fold_levels(
        [
            ("A", 1, "StockAdded", {"quantity": 1}),
            ("A", 3, "StockReserved", {"quantity": 2}),
            ("B", 1, "x", {"quantity": 1}),
        ]
    )
    assert faults == [
        "A: version 2 expected, version 3 found",
        "A version 3: 1 on hand, 2 reserved",
        "B version 1: unknown event x",
    ]


def answer(line: int, lines: dict[str, tuple[int, int]], over: str | None = None) -> dict[str, Any]:
    return {
        "line": line,
        "type": "place_order",
        "outcome": "applied" if over is None else "rejected",
        "reason": None if over is None else "insufficient_stock",
        "message": None,
        "available": None,
        "lines": [
            {"sku": sku, "quantity": asked, "sold": sold, "reason": "insufficient_stock" if sku == over else None}
            for sku, (asked, sold) in lines.items()
        ],
    }


RESTOCK = {"line": 5, "type": "restock", "outcome": "applied", "reason": None, "available": 9}
ANSWERS = [
    answer(3, {"B": (1, 1)}),
    answer(2, {"A": (3, 0), "B": (2, 0)}, over="B"),
    RESTOCK,
    answer(6, {"A": (9, 9)}),
]
HISTORY = History(
    rows={"A": Level(0, 0), "B": Level(1, 0)},
    levels={
        "A": [Level(0, 0), Level(5, 0), Level(5, 3), Level(5, 0), Level(9, 0), Level(0, 0)],
        "B": [Level(0, 0), Level(2, 0), Level(1, 0)],
    },
    faults=[],
    audit_sums={"A": 0, "B": 1},
    refusals={"1": Refusal("1", "B", 2, 1, 2)},
)


def failing(answers: list[dict[str, Any]], history: History = HISTORY) -> list[str]:
    """Return which comparisons fail."""
    notes = OrderNotes(4, lambda: None)
    for each in answers:
        notes.note_answer(each)
    sent = invoices_of(LOG)
    checks = prove_orders(sent, OPENING, notes, history, fold_in_turn(sent, OPENING))
    return [check.subject for check in checks if not check.holds]


def test_what_is_right_passes() -> None:
    assert failing(ANSWERS) == []


ONE, WHOLE, STOCK, SOURCES, REFUSALS, TURN = (
    "one answer to each",
    "everything or nothing sold",
    "sold + left = opening + returns",
    "rows = events = audit sums",
    "each refusal, by its SKU's history",
    "each outcome, by a fold of the log",
)


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([*ANSWERS, RESTOCK], [ONE]),
        (ANSWERS[:3], [ONE, STOCK, TURN]),
        ([answer(3, {"B": (2, 2)}), *ANSWERS[1:]], [WHOLE, STOCK]),
        ([*ANSWERS[:3], answer(6, {"A": (9, 8)})], [WHOLE, STOCK]),
        ([*ANSWERS[:3], answer(6, {"A": (9, 9)}) | {"reason": "order_expired", "outcome": "rejected"}], [WHOLE]),
        ([ANSWERS[0], answer(2, {"A": (3, 0), "B": (2, 0)}, over="A"), *ANSWERS[2:]], [REFUSALS, TURN]),
    ],
    ids=["twice", "missing", "more than asked", "in part", "expired", "over another SKU"],
)
def test_a_wrong_answer_is_seen(answers: list[dict[str, Any]], found: list[str]) -> None:
    assert [subject for subject in failing(answers) if subject in found] == found


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (replace(HISTORY, rows={"A": Level(0, 0), "B": Level(2, 0)}), [STOCK, SOURCES, TURN]),
        (replace(HISTORY, rows={"A": Level(0, 0), "B": Level(1, 1)}), [STOCK, SOURCES]),
        (replace(HISTORY, audit_sums={"A": 0, "B": 2}), [SOURCES]),
        (replace(HISTORY, faults=["A: a gap"]), [SOURCES]),
        (replace(HISTORY, refusals={}), [REFUSALS]),
        (replace(HISTORY, refusals={"1": Refusal("1", "B", 2, 2, 1)}), [REFUSALS]),
        (replace(HISTORY, refusals={"1": Refusal("1", "B", 2, 1, 1)}), [REFUSALS]),
        (replace(HISTORY, refusals={"1": Refusal("1", "B", 3, 1, 2)}), [REFUSALS]),
    ],
    ids=["row", "held", "audit", "fault", "no refusal", "enough was there", "another version", "another quantity"],
)
def test_a_wrong_record_is_seen(history: History, found: list[str]) -> None:
    assert failing(ANSWERS, history) == found
