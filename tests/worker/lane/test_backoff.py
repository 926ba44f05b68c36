"""The waits between tries: bounded from below and from above, whatever is drawn."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.backoff import Backoff
from worker.lane.lane import PUBLISH_BACKOFF
from worker.lane.settling import CONFLICT_BACKOFF, UNAVAILABLE_BACKOFF


def test_the_bound_doubles_up_to_the_cap() -> None:
    delays_seconds = Backoff(first_seconds=0.5, cap_seconds=3.0).delays_seconds(draw=lambda: 1.0)
    assert list(islice(delays_seconds, 5)) == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_the_smallest_wait_is_half_of_the_bound() -> None:
    delays_seconds = Backoff(first_seconds=0.5, cap_seconds=3.0).delays_seconds(draw=lambda: 0.0)
    assert list(islice(delays_seconds, 4)) == [0.25, 0.5, 1.0, 1.5]


@pytest.mark.parametrize("backoff", [PUBLISH_BACKOFF, UNAVAILABLE_BACKOFF, CONFLICT_BACKOFF])
@given(draws=st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_no_wait_is_shorter_than_half_the_first_or_longer_than_the_cap(backoff: Backoff, draws: list[float]) -> None:
    remaining = iter(draws)
    delays_seconds = list(islice(backoff.delays_seconds(lambda: next(remaining)), len(draws)))
    assert min(delays_seconds) >= backoff.first_seconds / 2
    assert max(delays_seconds) <= backoff.cap_seconds
