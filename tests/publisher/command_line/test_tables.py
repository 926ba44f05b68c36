from collections import Counter, defaultdict
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from publisher.command_line.tables import reading_table, result_table, stock_table, summary_table
from publisher.database.records import StockLevel
from publisher.order_log.summary import ImportSummary, OrderCounts
from schemas.reasons import Reason
from schemas.results import LineResult, OrderResult, Outcome, Result

LARGE = 10**15

RESULT = Result(
    command_id=uuid4(),
    outcome=Outcome.REJECTED,
    type="purchase",
    sku="大" * 33,
    location="x" * 64,
    quantity=10**9,
    reason=Reason.INSUFFICIENT_STOCK,
    message="[bold]a long sentence " * 20,
    on_hand=LARGE,
    reserved=LARGE,
    available=LARGE,
    version=LARGE,
    user="u" * 128,
    committed_at=datetime(2026, 1, 31, tzinfo=UTC),
)
ORDER_RESULT = OrderResult(
    **dict(RESULT) | {"type": "place_order", "sku": None, "location": None, "quantity": None},
    order_id="大" * 31,
    lines=(
        LineResult(
            sku="x" * 100,
            location="大" * 64,
            quantity=LARGE,
            sold=LARGE,
            reason=Reason.QUANTITY_EXCEEDS_RESERVATION,
            message=None,
        ),
    )
    * 3,
)
SUMMARY = ImportSummary(
    orders=defaultdict(
        OrderCounts,
        {(Outcome.REJECTED, reason): OrderCounts(LARGE, LARGE, LARGE, LARGE, LARGE) for reason in Reason},
    ),
    bad_order_count=LARGE,
    bad_order_line_count=LARGE,
    commands=Counter({"purchase": LARGE, "restock": LARGE}),
    lines=Counter({"purchase": LARGE, "restock": LARGE}),
    units=Counter({"purchase": LARGE}),
    answers=Counter({(Outcome.REJECTED, reason): LARGE for reason in Reason}),
    bad_line_count=LARGE,
)


def shown(table: RenderableType) -> str:
    console = Console(width=80, force_terminal=False)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


@pytest.mark.parametrize(
    "table",
    [
        result_table(RESULT),
        result_table(ORDER_RESULT),
        stock_table([StockLevel("A", "x" * 64, LARGE, LARGE, LARGE)]),
        summary_table(SUMMARY),
        reading_table(SUMMARY),
    ],
    ids=["result", "order", "stock", "summary", "reading"],
)
def test_everything_fits_into_80_columns(table: RenderableType) -> None:
    assert max(cell_len(line) for line in shown(table).splitlines()) <= 80


def test_texts_of_others_are_no_markup() -> None:
    assert "[bold]" in shown(result_table(RESULT))


def test_a_summary_counts_what_has_no_answer() -> None:
    summary = ImportSummary(commands=Counter({"purchase": 5}), answers=Counter({(Outcome.APPLIED, None): 3}))
    assert summary.unanswered_count == 2
    assert ["no", "answer", "2"] in [line.split() for line in shown(summary_table(summary)).splitlines()]


def test_every_line_of_an_order_is_shown() -> None:
    line = LineResult(sku="A", location="main", quantity=6, sold=5, reason=Reason.INSUFFICIENT_STOCK, message="m")
    rows = shown(result_table(ORDER_RESULT.model_copy(update={"lines": (line, line)}))).splitlines()
    assert [row.split() for row in rows[-2:]] == [["A", "main", "6", "5", "insufficient_stock"]] * 2


def test_a_result_that_tells_little_is_shown_as_far_as_it_goes() -> None:
    nothing = Result(
        command_id=None,
        outcome=Outcome.DEAD_LETTERED,
        type=None,
        sku=None,
        location=None,
        quantity=None,
        reason=Reason.INVALID,
        message="not JSON",
    )
    assert "None" not in shown(result_table(nothing))
