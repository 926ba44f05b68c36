"""The proof: what must have become of a log, compared with what came back and what is on record.

checks = await prove(database_url, expectation, verdicts)
assert not any(check.differences for check in checks)
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tests.demo.expectation import Expectation, Verdict
from tests.demo.recorded_stock import RecordedStock, read_recorded_stock

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what was compared, how much of it, and every difference as a sentence."""

    subject: str
    extent: str
    differences: list[str]

    @property
    def holds(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


async def prove(database_url: str, expectation: Expectation, verdicts: Mapping[int, Verdict]) -> list[Check]:
    """Compare with `expectation` the answers by line that came back, and everything the database has on record.

    The database must have been empty before the opening stock went in.
    """
    recorded = await read_recorded_stock(database_url)
    return [check_answers(expectation, verdicts), *check_record(expectation, recorded)]


def check_answers(expectation: Expectation, verdicts: Mapping[int, Verdict]) -> Check:
    """Compare the answer to every line: outcome, reason, and the units left."""
    differences = _differences(expectation.verdicts, verdicts, absent=None)
    return Check(
        "the answer to every line",
        f"{len(expectation.verdicts):,} lines",
        [f"line {number}: {text}" for number, text in differences],
    )


def check_record(expectation: Expectation, recorded: RecordedStock) -> list[Check]:
    """Compare the stock by SKU with each of the three sources, and the number of effects."""
    return [
        _check_stock("the stock rows", expectation, recorded.rows),
        _check_stock("the folded events", expectation, recorded.events.stock, recorded.events.faults),
        _check_stock("the audit sums", expectation, recorded.audit_sums),
        _check_counts(expectation, recorded.counts),
    ]


def _check_stock(
    subject: str, expectation: Expectation, found: Mapping[str, int], faults: list[str] | None = None
) -> Check:
    # A SKU that never had any stock has no row.
    differences = [f"SKU {sku}: {text}" for sku, text in _differences(expectation.stock, found, absent=0)]
    units = sum(expectation.stock.values())
    return Check(subject, f"{len(expectation.stock):,} SKUs, {units:,} units", [*(faults or []), *differences])


def _check_counts(expectation: Expectation, counts: Mapping[str, int]) -> Check:
    applied = expectation.applied_count
    expected = {
        "events": applied,
        "commands with an event": applied,
        "audit rows": applied,
        "stored answers": expectation.command_count,
    }
    differences = [f"{name}: {text}" for name, text in _differences(expected, counts, absent=0)]
    return Check("one effect per command", f"{applied:,} events and audit rows", differences)


def _differences(
    expected: Mapping[Key, object], found: Mapping[Key, object], *, absent: object
) -> list[tuple[Key, str]]:
    """Return what differs, in the order of `expected`; a key that is missing counts as `absent`."""
    keys = dict.fromkeys([*expected, *found])
    pairs = [(key, expected.get(key, absent), found.get(key, absent)) for key in keys]
    return [(key, f"expected {_said(wanted)}, found {_said(got)}") for key, wanted, got in pairs if wanted != got]


def _said(value: object) -> str:
    if value is None:
        return "no answer"
    return f"{value:,}" if isinstance(value, int) else str(value)
