"""What grows is found, and what only swings is not."""

import pytest

from tests.soak.flatness import LIMITS, goal, halves
from tests.soak.series import Series

DURATION_SECONDS = 400.0
NAME = "memory of the survivor"


def _series(*values: float) -> Series:
    """Return values spread evenly over the time."""
    step_seconds = DURATION_SECONDS / len(values)
    return Series(NAME, "MB", [(step_seconds * number, value) for number, value in enumerate(values)])


def test_the_first_quarter_is_left_out() -> None:
    seen = halves(_series(*[1.0] * 25, *[50.0] * 75), DURATION_SECONDS)
    assert (seen.first, seen.second, seen.growth) == (50, 50, 0)


def test_what_adds_up_is_not_flat() -> None:
    seen = halves(_series(*(60 + 0.2 * number for number in range(100))), DURATION_SECONDS)
    assert seen.growth == pytest.approx(7.4, abs=0.3)
    assert not goal(NAME, seen).met


def test_what_a_fault_moves_for_a_while_is_flat() -> None:
    values = [60.0] * 100
    values[70:75] = [140.0] * 5
    seen = halves(_series(*values), DURATION_SECONDS)
    assert seen.most == 140
    assert goal(NAME, seen).met


def test_what_shrinks_is_flat() -> None:
    assert goal(NAME, halves(_series(*(100.0 - number for number in range(100))), DURATION_SECONDS)).met


def test_a_limit_may_be_a_share_of_what_there_was() -> None:
    name = "index bytes per command"
    seen = halves(_series(*[200.0] * 62, *[219.0] * 38), DURATION_SECONDS)
    assert LIMITS[name].share == 0.1
    assert goal(name, seen).limit == pytest.approx(20)
    assert goal(name, seen).met
    assert not goal(name, halves(_series(*[200.0] * 62, *[221.0] * 38), DURATION_SECONDS)).met


def test_a_half_without_a_look_is_no_proof() -> None:
    with pytest.raises(ValueError, match="too few looks"):
        halves(_series(1.0, 2.0), DURATION_SECONDS)
