"""How the benchmark tells for how long a commit was not shown, and which readings were wrong."""

import pytest

from tests.bench.commit_watch import CommitWatch, Visible
from tests.bench.visibility import (
    Commit,
    Reading,
    Shown,
    begun_milliseconds,
    doubtful_readings,
    visible_milliseconds,
    wrong_readings,
)


@pytest.fixture
def watch() -> CommitWatch:
    """Give a watch that asked four times, and saw partition 7 go from 10 to 11 and then to 14."""
    watch = CommitWatch()
    for asked, sequence in ((1.0, 10), (2.0, 11), (3.0, 11), (4.0, 14)):
        watch.note(asked, asked + 0.5, [(6, 500), (7, sequence)])
    return watch


def test_a_commit_became_visible_after_the_last_question_that_did_not_find_it(watch: CommitWatch) -> None:
    assert watch.visible(7, 11) == Visible(after=1.0, before=2.5)


@pytest.mark.parametrize("sequence", [12, 13, 14])
def test_commits_that_one_question_found_share_its_bounds(watch: CommitWatch, sequence: int) -> None:
    assert watch.visible(7, sequence) == Visible(after=3.0, before=4.5)


def test_what_was_there_before_the_first_question_has_no_bound(watch: CommitWatch) -> None:
    assert watch.visible(7, 3) == Visible(after=float("-inf"), before=1.5)


def test_what_was_never_seen_is_not_made_up(watch: CommitWatch) -> None:
    with pytest.raises(IndexError):
        watch.visible(7, 15)


COMMITTED = {
    ("A", 2): Commit(9.9, Visible(10.0, 10.001)),
    ("A", 3): Commit(10.4, Visible(10.5, 10.501)),
    ("A", 4): Commit(10.8, Visible(10.6, 10.9)),  # the question waited
}


def test_what_is_shown_is_held_against_the_earliest_moment_at_which_it_can_have_been_visible() -> None:
    shown = [Shown("A", 2, 10.02), Shown("A", 3, 10.51), Shown("A", 4, 10.83)]
    assert visible_milliseconds(shown, COMMITTED) == pytest.approx([20, 10, 30])
    assert begun_milliseconds(shown, COMMITTED) == pytest.approx([120, 110, 30])


@pytest.mark.parametrize(
    ("version", "asked", "wrong", "doubtful"),
    [(1, 10.099, 0, 0), (1, 10.1005, 0, 1), (1, 10.102, 1, 1), (2, 10.599, 0, 0), (2, 10.602, 1, 1), (4, 99.0, 0, 0)],
)
def test_a_reading_is_wrong_that_was_superseded_for_too_long_when_it_was_asked_for(
    version: int, asked: float, wrong: int, doubtful: int
) -> None:
    readings = [Reading("A", version, asked, 0.001)]
    assert (wrong_readings(readings, COMMITTED), doubtful_readings(readings, COMMITTED)) == (wrong, doubtful)
