from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from publisher.command_line.tables import reading_table, result_table, stock_table, summary_table
from publisher.database.records import StockLevel
from publisher.order_log.summary import ImportSummary
from schemas.reasons import Reason
from schemas.results import Outcome, Result

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
SUMMARY = ImportSummary(
    commands=Counter({"purchase": LARGE, "restock": LARGE}),
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
        stock_table([StockLevel("A", "x" * 64, LARGE, LARGE, LARGE)]),
        summary_table(SUMMARY),
        reading_table(SUMMARY),
    ],
    ids=["result", "stock", "summary", "reading"],
)
def test_everything_fits_into_80_columns(table: RenderableType) -> None:
    assert max(cell_len(line) for line in shown(table).splitlines()) <= 80


def test_texts_of_others_are_no_markup() -> None:
    assert "[bold]" in shown(result_table(RESULT))


def test_a_summary_counts_what_has_no_answer() -> None:
    summary = ImportSummary(commands=Counter({"purchase": 5}), answers=Counter({(Outcome.APPLIED, None): 3}))
    assert summary.unanswered_count == 2
    assert ["no", "answer", "2"] in [line.split() for line in shown(summary_table(summary)).splitlines()]
