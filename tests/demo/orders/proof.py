"""The proof: the log's invoices, what was answered to each, and what is on record, compared."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.demo.orders.expectation import InTurn
from tests.demo.orders.history import History, Level
from tests.demo.orders.invoices import Invoice, SentLog
from tests.demo.orders.streaming import OrderNotes
from tests.demo.proof import Check

Result = Mapping[str, Any]


def prove_orders(
    log: SentLog, opening: Mapping[str, int], notes: OrderNotes, history: History, in_turn: InTurn | None
) -> list[Check]:
    """Return every comparison; with `in_turn`, also that of each outcome with the fold of the log."""
    checks = [
        _check_answers(log, notes),
        _check_whole(log, notes.results),
        _check_stock(log, opening, notes.results, history),
        _check_sources(history),
        _check_refusals(log, notes.results, history),
    ]
    return checks if in_turn is None else [*checks, _check_in_turn(in_turn, notes.results, history)]


def _check_answers(log: SentLog, notes: OrderNotes) -> Check:
    expected = {**dict.fromkeys(log.invoices, "place_order"), **dict.fromkeys(log.returns, "restock")}
    found = {line: result["type"] for line, result in notes.results.items()}
    differences = [
        f"line {line}: {expected.get(line)} expected, {found.get(line)} answered"
        for line in sorted({*expected, *found})
        if expected.get(line) != found.get(line)
    ]
    differences += [f"line {line}: answered more than once" for line in notes.repeated]
    extent = f"{len(log.invoices):,} invoices, {len(log.returns):,} returns"
    return Check("one answer to each", extent, differences)


def _check_whole(log: SentLog, results: Mapping[int, Result]) -> Check:
    differences = [
        f"invoice {invoice.order}: {fault}"
        for line, invoice in log.invoices.items()
        if line in results and (fault := _fault_of(invoice, results[line])) is not None
    ]
    returned = [results[line] for line in log.returns if line in results]
    differences += [f"line {result['line']}: {result['reason']}" for result in returned if _is_not(result, "applied")]
    return Check("everything or nothing sold", f"{_line_count(log):,} invoice lines", differences)


def _fault_of(invoice: Invoice, result: Result) -> str | None:
    asked = {line["sku"]: line["quantity"] for line in result["lines"]}
    sold = {line["sku"]: line["sold"] for line in result["lines"] if line["sold"]}
    if asked != dict(invoice.units):
        return f"{asked} answered, not {dict(invoice.units)}"
    if result["outcome"] == "applied":
        return None if sold == asked else f"applied, but {sold} of {asked} sold"
    if result["reason"] != "insufficient_stock":
        return f"{result['outcome']}, {result['reason']}: {result['message']}"
    return f"refused, but {sold} sold" if sold else None


def _is_not(result: Result, outcome: str) -> bool:
    return bool(result["outcome"] != outcome)


def _line_count(log: SentLog) -> int:
    return sum(len(invoice.units) for invoice in log.invoices.values())


def _check_stock(log: SentLog, opening: Mapping[str, int], results: Mapping[int, Result], history: History) -> Check:
    sold: Counter[str] = Counter()
    for line in log.invoices:
        for each in results.get(line, {}).get("lines", ()):
            sold[each["sku"]] += each["sold"]
    came = Counter(opening)
    for returned in log.returns.values():
        came[returned.sku] -= returned.quantity
    differences = [
        f"SKU {sku}: {sold[sku]:,} sold and {left.on_hand:,} left, of {came[sku]:,}"
        for sku in sorted({*sold, *came, *history.rows})
        if sold[sku] + (left := history.rows.get(sku, Level(0, 0))).on_hand != came[sku]
    ]
    differences += [f"SKU {sku}: {level.reserved:,} held" for sku, level in history.rows.items() if level.reserved]
    extent = f"{len(came):,} SKUs, {sold.total():,} units sold"
    return Check("sold + left = opening + returns", extent, differences)


def _check_sources(history: History) -> Check:
    folded = {sku: levels[-1] for sku, levels in history.levels.items()}
    differences = list(history.faults)
    for sku in sorted({*folded, *history.rows, *history.audit_sums}):
        told = (history.rows.get(sku), folded.get(sku))
        if told[0] != told[1]:
            differences.append(f"SKU {sku}: row {told[0]}, events {told[1]}")
        if told[1] is not None and history.audit_sums.get(sku) != told[1].on_hand:
            differences.append(f"SKU {sku}: audit {history.audit_sums.get(sku)}, events {told[1].on_hand}")
    count = sum(len(levels) - 1 for levels in history.levels.values())
    return Check("rows = events = audit sums", f"{count:,} events", differences)


def _check_refusals(log: SentLog, results: Mapping[int, Result], history: History) -> Check:
    refused = [invoice for line, invoice in log.invoices.items() if _is_not(results.get(line, _APPLIED), "applied")]
    differences = [
        f"invoice {invoice.order}: {fault}"
        for invoice in refused
        if (fault := _unfounded(invoice, results[invoice.line], history)) is not None
    ]
    return Check("each refusal, by its SKU's history", f"{len(refused):,} refusals", differences)


_APPLIED: Result = {"outcome": "applied"}


def _unfounded(invoice: Invoice, result: Result, history: History) -> str | None:
    """Return what is wrong with a refusal: the SKU that it names must have had too little at the version it names."""
    named = refused_over(result)
    refusal = history.refusals.get(invoice.order)
    if refusal is None or refusal.sku != named:
        return f"refused over {named}, and no answer about that SKU says so"
    level = history.levels.get(refusal.sku, [Level(0, 0)])[refusal.version]
    available = level.on_hand - level.reserved
    if refusal.available != available:
        return f"refused over {named} with {refusal.available:,} available, where its events say {available:,}"
    if refusal.quantity != invoice.units[refusal.sku] or available >= refusal.quantity:
        return f"refused over {refusal.quantity:,} of {named}, with {available:,} available"
    return None


def refused_over(result: Result) -> str | None:
    """Return the SKU that an order was refused over."""
    return next((line["sku"] for line in result["lines"] if line["reason"] is not None), None)


def _check_in_turn(in_turn: InTurn, results: Mapping[int, Result], history: History) -> Check:
    found = {line: refused_over(result) for line, result in results.items() if result["type"] == "place_order"}
    differences = [
        f"line {line}: refused over {found.get(line, 'no answer')}, expected {sku}"
        for line, sku in in_turn.refused_over.items()
        if found.get(line, "no answer") != sku
    ]
    differences += [
        f"SKU {sku}: {units:,} expected, {left.on_hand:,} left"
        for sku, units in in_turn.stock.items()
        if (left := history.rows.get(sku, Level(0, 0))).on_hand != units
    ]
    extent = f"{len(in_turn.refused_over):,} invoices, {len(in_turn.stock):,} SKUs"
    return Check("each outcome, by a fold of the log", extent, differences)
