"""Letters in portions that one statement takes; pure."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from worker.ledger.portions import portions_by_size

LIMIT_BYTES = 10


@given(st.lists(st.integers(0, 15)))
def test_portions_are_as_large_as_may_be_and_keep_the_order(sizes: list[int]) -> None:
    divided = [list(portion) for portion in portions_by_size(sizes, int, LIMIT_BYTES)]
    assert [size for portion in divided for size in portion] == sizes
    for portion in divided:
        assert sum(portion) <= LIMIT_BYTES or len(portion) == 1
    for portion, following in pairwise(divided):
        assert sum(portion) + following[0] > LIMIT_BYTES
