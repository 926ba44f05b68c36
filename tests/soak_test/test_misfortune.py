"""Which faults a soak has, and whom they hit."""

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.kinds.catalogue import CATALOGUE
from tests.soak.misfortune import DEADLY, MORTAL, OTHERS, SURVIVOR, misfortunes

MINUTES = 60.0


@given(st.integers(min_value=0, max_value=2**31))
def test_nothing_that_ends_a_process_hits_the_survivor(seed: int) -> None:
    faults = misfortunes(seed, 60 * MINUTES, 30.0)
    assert {fault.target for fault in faults if fault.kind in DEADLY} == {MORTAL}
    assert {fault.target for fault in faults if fault.kind in OTHERS} == {SURVIVOR, MORTAL}


def test_every_kind_exists() -> None:
    assert (DEADLY | OTHERS).keys() <= CATALOGUE.keys()
