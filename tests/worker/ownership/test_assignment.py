"""Every worker gets an even share, and few partitions move."""

from hypothesis import given
from hypothesis import strategies as st

from worker.ownership import assign

NAMES = st.sets(st.text(min_size=1, max_size=8), min_size=1, max_size=12)
PARTITION_COUNTS = st.integers(1, 100)


@given(PARTITION_COUNTS, NAMES)
def test_each_partition_has_one_worker_and_each_worker_an_even_share(partition_count: int, workers: set[str]) -> None:
    shares = assign(partition_count, workers)
    assert shares.keys() == workers
    assert sorted(partition for share in shares.values() for partition in share) == list(range(partition_count))
    assert {len(share) for share in shares.values()} <= {
        partition_count // len(workers),
        -(-partition_count // len(workers)),
    }


@given(PARTITION_COUNTS, NAMES)
def test_everybody_computes_the_same(partition_count: int, workers: set[str]) -> None:
    assert assign(partition_count, sorted(workers)) == assign(partition_count, sorted(workers, reverse=True))


def test_nobody_gets_nothing() -> None:
    assert assign(16, []) == {}


def test_a_third_worker_takes_hardly_more_than_its_own_share() -> None:
    before, after = assign(96, ["a", "b"]), assign(96, ["a", "b", "c"])
    moved = sum(len(before[worker] - after[worker]) for worker in before)
    assert len(after["c"]) == 32
    assert moved <= 48
