"""Times, numbers and patience of `order-publisher dead-letters`, without a server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from publisher import InvalidInput
from publisher.command_line.dead_letters.letter_tables import told_holding, told_waiting
from publisher.command_line.dead_letters.moments import ago, parse_moment
from publisher.command_line.dead_letters.patience import QUIET_LIMIT_SECONDS, Patience
from publisher.command_line.dead_letters.plan_tables import told_outcomes
from publisher.command_line.dead_letters.words import fitted, printable
from publisher.dead_letters import ItemCount, ItemState, Letter, LetterState, Waiting

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-01-31T02:00", datetime(2026, 1, 31, 2, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T02:00+01:00", datetime(2026, 1, 31, 1, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_operators_write_them(text: str, moment: datetime) -> None:
    assert parse_moment("since", text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2x", "-2h", "2026-13-01", "999999d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="since: must be a time such as 2026-01-31T02:00"):
        parse_moment("since", text, NOW)


@pytest.mark.parametrize(
    ("elapsed", "told"),
    [
        (timedelta(seconds=-5), "0 s ago"),
        (timedelta(seconds=119), "119 s ago"),
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=2_000), "2,000 days ago"),
    ],
)
def test_how_long_ago_is_told_in_the_unit_that_says_most(elapsed: timedelta, told: str) -> None:
    assert ago(elapsed) == told


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_every_text_fits_and_steers_no_terminal(text: str, columns: int) -> None:
    shown = fitted(printable(text), columns)
    assert cell_len(shown) == columns
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("held", "parked", "told"),
    [
        (1, 0, "1 of them holds its SKU"),
        (2, 0, "2 of them hold their SKUs"),
        (0, 1, "1 of them waits behind one that does"),
        (2, 1_000, "2 of them hold their SKUs; 1,000 of them wait behind one that does"),
    ],
)
def test_who_holds_and_who_waits(held: int, parked: int, told: str) -> None:
    assert told_holding(held, parked) == told


def letter(state: LetterState) -> Letter:
    return Letter(7, 0, state, "failed", "f" * 16, "A", None, None, None, 1, NOW, NOW, None, None, None, "error")


@pytest.mark.parametrize(
    ("state", "waiting", "told"),
    [
        (
            LetterState.HELD,
            Waiting(7, NOW, 0, 0, ()),
            "it holds A since 2026-01-31 12:00:00 UTC; nothing waits behind it",
        ),
        (
            LetterState.HELD,
            Waiting(7, NOW, 0, 3, (8, 9)),
            "it holds A since 2026-01-31 12:00:00 UTC; 3 behind it: 8, 9, ...",
        ),
        (LetterState.PARKED, Waiting(3, NOW, 4, 0, ()), "it waits behind 3, which holds A; 4 before it"),
        (
            LetterState.PARKED,
            Waiting(None, NOW, 1, 0, ()),
            "its line was let go: it is decided after 1 letter before it",
        ),
    ],
)
def test_a_place_in_a_line_is_told(state: LetterState, waiting: Waiting, told: str) -> None:
    assert told_waiting(letter(state), waiting) == told


def test_a_waiting_without_a_time_is_never_over() -> None:
    assert not Patience(None, 0.0).is_over(1e9)
    assert not Patience(5.0, 100.0).is_over(104.9)
    assert Patience(5.0, 100.0).is_over(105.0)


def test_that_nothing_happens_is_told_once() -> None:
    patience = Patience(None, 0.0)
    assert not patience.is_quiet(0, QUIET_LIMIT_SECONDS - 1)
    assert not patience.is_quiet(1, QUIET_LIMIT_SECONDS)  # something has happened
    assert patience.is_quiet(1, 2 * QUIET_LIMIT_SECONDS)
    assert not patience.is_quiet(1, 9 * QUIET_LIMIT_SECONDS)


def test_a_finished_plan_tells_of_what_others_have_seen_to_as_not_tried() -> None:
    counts = [
        ItemCount("f1", "failed", ItemState.DONE, "applied", None, 3),
        ItemCount("f2", "failed", ItemState.DONE, "applied", None, 4),
        ItemCount("f1", "failed", ItemState.CANCELLED, None, None, 2),
    ]
    assert told_outcomes(counts) == "7 applied; 2 not tried"
