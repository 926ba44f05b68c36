"""A schedule is a pure function of its seed."""

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kinds.catalogue import CATALOGUE
from tests.faults.kinds.kind import Need
from tests.faults.mutating import PROVOCATIONS, controls
from tests.faults.options import DEFAULT_DURATION_SECONDS, DEFAULT_EVERY_SECONDS, chosen_weights
from tests.faults.schedule import kills_one_by_one, plan
from tests.faults.subject.mutants import MUTANTS

WEIGHTS = chosen_weights("*", Need.SMALL_DISK | Need.ONE_NODE)
seeds = st.integers(min_value=0, max_value=2**31)


@given(seeds, st.floats(min_value=1, max_value=600))
def test_the_same_seed_gives_the_same_faults_in_their_order(seed: int, duration_seconds: float) -> None:
    faults = plan(seed, duration_seconds, WEIGHTS, 0.9)
    assert faults == plan(seed, duration_seconds, dict(reversed(WEIGHTS.items())), 0.9)
    times = [fault.at_seconds for fault in faults]
    assert times == sorted(times)
    assert all(0 <= at_seconds <= duration_seconds for at_seconds in times)
    assert [fault.number for fault in faults] == list(range(len(faults)))


@given(seeds)
def test_a_campaign_of_ten_minutes_has_five_hundred_faults_and_every_kind(seed: int) -> None:
    faults = plan(seed, DEFAULT_DURATION_SECONDS, WEIGHTS, DEFAULT_EVERY_SECONDS)
    assert len(faults) >= 600  # a sixth of them may come to nothing
    assert {fault.kind for fault in faults} == {
        kind.name for kind in CATALOGUE.values() if Need.THREE_NODES not in kind.needs
    }


def test_the_last_deaths_come_one_by_one_to_every_seat() -> None:
    faults = kills_one_by_one(40, 6, 7.0)
    assert [fault.number for fault in faults] == list(range(40, 46))
    assert [fault.at_seconds for fault in faults] == [7, 14, 21, 28, 35, 42]
    assert [fault.target % 3 for fault in faults] == [0, 1, 2, 0, 1, 2]


def test_there_are_at_least_twenty_kinds_without_a_disk_of_our_own() -> None:
    assert len(chosen_weights("*", Need.NOTHING)) >= 20


def test_patterns_choose_kinds() -> None:
    assert set(chosen_weights("input.burst,database.kill*", Need.NOTHING)) == {"input.burst", "database.killed"}


def test_every_mutant_is_provoked_by_faults_that_exist() -> None:
    assert PROVOCATIONS.keys() == MUTANTS.keys()
    assert len(MUTANTS) >= 10
    for provocation in PROVOCATIONS.values():
        assert chosen_weights(provocation.kinds, Need.ONE_NODE)


def test_the_worker_itself_is_provoked_in_every_way_once() -> None:
    ways = [(each.kinds, each.duration_seconds, each.every_seconds) for each in controls(MUTANTS)]
    assert len(set(ways)) == len(ways)
    assert set(ways) == {(each.kinds, each.duration_seconds, each.every_seconds) for each in PROVOCATIONS.values()}
