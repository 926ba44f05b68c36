import dataclasses
from collections.abc import Mapping

import pytest

from tests.demo.expectation import Expectation, Verdict
from tests.demo.proof import check_answers, check_record
from tests.demo.recorded_stock import FoldedEvents, RecordedStock, fold_events

APPLIED = Verdict("applied", None, 4)
REFUSED = Verdict("rejected", "insufficient_stock", 4)

EXPECTATION = Expectation(verdicts={2: APPLIED, 3: REFUSED}, stock={"A": 4, "B": 0}, command_count=3, applied_count=2)
RECORDED = RecordedStock(
    rows={"A": 4},
    events=FoldedEvents({"A": 4}, []),
    audit_sums={"A": 4},
    counts={"events": 2, "commands with an event": 2, "audit rows": 2, "stored answers": 3},
)


def differences(recorded: RecordedStock) -> list[str]:
    return [difference for check in check_record(EXPECTATION, recorded) for difference in check.differences]


def test_a_record_that_is_as_expected_holds() -> None:
    assert differences(RECORDED) == []
    assert check_answers(EXPECTATION, {3: REFUSED, 2: APPLIED}).holds


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"rows": {"A": 5}}, "SKU A: expected 4, found 5"),
        ({"rows": {}}, "SKU A: expected 4, found 0"),
        ({"audit_sums": {"A": 4, "C": 1}}, "SKU C: expected 0, found 1"),
        ({"events": FoldedEvents({"A": 3}, [])}, "SKU A: expected 4, found 3"),
        ({"events": FoldedEvents({"A": 4}, ["a fault"])}, "a fault"),
        ({"counts": {**RECORDED.counts, "events": 1_003}}, "events: expected 2, found 1,003"),
    ],
)
def test_each_source_is_compared(change: Mapping[str, object], difference: str) -> None:
    assert differences(dataclasses.replace(RECORDED, **change)) == [difference]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "difference"),
    [
        ({2: APPLIED}, "line 3: expected rejected (insufficient_stock), 4 left, found no answer"),
        ({2: REFUSED, 3: REFUSED}, "line 2: expected applied, 4 left, found rejected (insufficient_stock), 4 left"),
        ({2: APPLIED._replace(available=5), 3: REFUSED}, "line 2: expected applied, 4 left, found applied, 5 left"),
        ({2: APPLIED, 3: REFUSED, 9: APPLIED}, "line 9: expected no answer, found applied, 4 left"),
    ],
)
def test_every_line_is_compared(verdicts: Mapping[int, Verdict], difference: str) -> None:
    assert check_answers(EXPECTATION, verdicts).differences == [difference]


def test_events_add_up() -> None:
    events = [("A", 1, "StockAdded", 5), ("A", 2, "StockRemoved", 2), ("B", 1, "StockAdded", 1)]
    assert fold_events(events) == FoldedEvents({"A": 3, "B": 1}, [])


def test_a_gap_an_unknown_type_and_a_negative_stock_are_faults() -> None:
    events = [("A", 1, "StockAdded", 1), ("A", 3, "StockRemoved", 2), ("B", 1, "StockLost", 1)]
    assert fold_events(events).faults == [
        "A: version 2 expected, version 3 found",
        "A version 3: -1 units",
        "B version 1: unknown event StockLost",
    ]
