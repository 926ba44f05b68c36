"""When the knowledge of a partition is proven, and when all of it has to be read again."""

from math import inf

import pytest

from publisher.stock_view.partition_progress import (
    BEYOND_LIMIT_ANSWERS,
    LATE_SECONDS,
    PATIENCE_SECONDS,
    PartitionProgress,
)


@pytest.fixture
def progress() -> PartitionProgress:
    """Give a partition whose first look, at 1 s, found 10 answers."""
    progress = PartitionProgress()
    assert progress.proven_seconds == -inf
    assert progress.look(1, 10, 1.0)
    return progress


def test_the_first_look_proves_what_is_read_with_it(progress: PartitionProgress) -> None:
    assert (progress.generation, progress.proven_seconds) == (1, 1.0)


def test_a_quiet_partition_is_proven_by_each_look(progress: PartitionProgress) -> None:
    assert not progress.look(1, 10, 2.0)
    assert (progress.generation, progress.proven_seconds) == (1, 2.0)


def test_answers_that_were_not_shown_leave_the_proof_where_it_was(progress: PartitionProgress) -> None:
    progress.look(1, 12, 2.0)
    assert progress.proven_seconds == 1.0
    progress.show(11)
    assert progress.proven_seconds == 1.0
    progress.show(12)
    assert progress.proven_seconds == 2.0


def test_each_look_is_proven_by_what_it_found(progress: PartitionProgress) -> None:
    progress.look(1, 11, 2.0)
    progress.look(1, 12, 2.1)
    progress.show(11)
    assert progress.proven_seconds == 2.0
    progress.show(12)
    assert progress.proven_seconds == 2.1


def test_an_answer_is_late_that_a_look_has_found_and_the_feed_does_not_show(progress: PartitionProgress) -> None:
    progress.look(1, 11, 2.0)
    assert not progress.is_late(2.0 + LATE_SECONDS / 2)
    assert progress.is_late(2.0 + LATE_SECONDS)
    assert progress.shown == 10
    progress.show(11)
    assert not progress.is_late(3.0)


def test_a_feed_may_be_ahead_of_a_look(progress: PartitionProgress) -> None:
    progress.show(11)
    assert not progress.look(1, 10, 2.0)
    assert progress.proven_seconds == 2.0


def test_order_and_repetition_do_not_matter(progress: PartitionProgress) -> None:
    progress.look(1, 13, 2.0)
    for sequence in (13, 11, 11, 3, 13):
        progress.show(sequence)
    assert progress.proven_seconds == 1.0
    progress.show(12)
    assert progress.proven_seconds == 2.0


def test_a_gap_that_lasts_begins_a_generation(progress: PartitionProgress) -> None:
    progress.look(1, 12, 2.0)
    progress.show(12)
    assert not progress.look(1, 12, 2.0 + PATIENCE_SECONDS - 0.01)
    assert progress.look(1, 13, 2.0 + PATIENCE_SECONDS)
    assert (progress.generation, progress.proven_seconds) == (2, 2.0 + PATIENCE_SECONDS)
    progress.look(1, 14, 3.0)
    progress.show(14)
    assert progress.proven_seconds == 3.0


def test_a_new_epoch_begins_a_generation_also_where_nothing_was_answered(progress: PartitionProgress) -> None:
    assert progress.look(2, 10, 2.0)
    assert progress.generation == 2


def test_a_number_that_goes_back_begins_a_generation_that_knows_nothing_of_what_is_lost(
    progress: PartitionProgress,
) -> None:
    """As where the database is restored from a backup."""
    progress.look(1, 14, 2.0)
    progress.show(13)
    assert progress.look(1, 7, 3.0)
    assert (progress.generation, progress.proven_seconds) == (2, 3.0)
    progress.look(1, 9, 4.0)
    progress.show(8)
    assert progress.proven_seconds == 3.0
    progress.show(9)
    assert progress.proven_seconds == 4.0


def test_what_was_shown_beyond_a_new_generation_counts_in_it() -> None:
    progress = PartitionProgress()
    progress.show(11)  # the feed is open before the first look
    progress.look(1, 10, 1.0)
    progress.look(1, 11, 2.0)
    assert progress.proven_seconds == 2.0


def test_memory_is_bounded_while_nobody_looks(progress: PartitionProgress) -> None:
    for sequence in range(12, 3 * BEYOND_LIMIT_ANSWERS):
        progress.show(sequence)
    assert progress.look(1, 3 * BEYOND_LIMIT_ANSWERS, 2.0)
    assert (progress.generation, progress.proven_seconds) == (2, 2.0)
