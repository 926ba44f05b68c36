from dataclasses import replace

import pytest

from tests.worker.operations.status.states import NOON, PARTITION, STATUS, WORKER
from worker.command_line.status_table import duration, print_status, ranges, shortened
from worker.operations.status import LedgerState, Problem, ProblemKind
from worker.ownership import LaneError

LONG_NAME = "orders-worker-5d8f7c9b4d-" + "x" * 60 + ":123"


@pytest.mark.parametrize(
    ("partitions", "text"), [((), ""), ((7,), "07"), ((0, 1, 2), "00-02"), ((9, 0, 1, 3), "00-01 03 09")]
)
def test_partitions_are_written_as_ranges(partitions: tuple[int, ...], text: str) -> None:
    assert ranges(partitions) == text


@pytest.mark.parametrize(
    ("elapsed_seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (75.0, "75 s"), (600.0, "10 min"), (9_000.0, "2 h")]
)
def test_a_duration_has_the_unit_that_fits_it(elapsed_seconds: float, text: str) -> None:
    assert duration(elapsed_seconds) == text


def test_a_name_keeps_both_ends() -> None:
    assert shortened("host:12", 7) == "host:12"
    assert shortened(LONG_NAME, 11) == "order…x:123"


def test_everything_fits_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    partitions = tuple(
        replace(
            PARTITION,
            partition=number,
            owners=(LONG_NAME,),
            epoch=123_456,
            backlog=1_234_567,
            oldest_seconds=86_400.0,
            commands_per_second=12_345.6,
            held_reservations=123_456,
            last_error=LaneError(NOON, "commit: " + "the database is away " * 9),
        )
        for number in range(16)
    )
    worker = replace(WORKER, name=LONG_NAME, partitions=tuple(range(0, 100, 2)))
    problems = [Problem(ProblemKind.NO_OWNER, "no worker has it", number) for number in (0, 1, 2, 9)]
    print_status(replace(STATUS, partitions=partitions, workers=(worker,)), problems)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "…" in printed
    assert "1234567" in printed
    assert "24 h" in printed
    assert "PROBLEM partition 00-02 09: no worker has it" in printed
    assert "00-15, 07-01 12:00:00: commit" in printed


def test_a_backlog_of_unknown_age_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_status(replace(STATUS, partitions=(replace(PARTITION, owners=(), backlog=7),)), [])
    row, *_ = [line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("00")]
    assert row == ["00", "nobody", "3", "7", "?", "0.0", "0"]


def test_the_ledger_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    ledger = LedgerState(open_letters={"set_aside": 4, "held": 1, "parked": 12})
    held = replace(PARTITION, partition=3, held_aggregates=1, parked_letters=12)
    print_status(replace(STATUS, partitions=(held,), ledger=ledger, dead_letters_ready=2), [])
    printed = capsys.readouterr().out
    assert "dead letters: 4 set aside, 1 held, 12 parked, 2 to be collected" in printed
    assert "partition 03: 1 SKUs or orders held, 12 commands parked behind them" in printed
    assert max(map(len, printed.splitlines())) <= 80
