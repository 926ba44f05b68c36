"""What grows is found, and what only swings is not."""

from collections.abc import Callable
from math import sin

import pytest

from tests.soak.flatness import LIMITS, goal, halves
from tests.soak.series import Series

DURATION_SECONDS = 400.0
NAME = "memory of the survivor"

Figure = Callable[[float], float]
"""What a figure is so many seconds after the beginning."""

SOAK_SECONDS, FAULT_EVERY_SECONDS = 600, 30
SOUND: dict[str, Figure] = {
    "memory of the survivor": lambda seconds: 89.0 if seconds < 100 else 87.0,
    "descriptors of the survivor": lambda seconds: 35 if seconds % FAULT_EVERY_SECONDS < 4 else 27,
    "descriptors of the mortal": lambda seconds: 4 if seconds % FAULT_EVERY_SECONDS < 2 else 27,
    "dead rows for 100 live ones": lambda seconds: 1 + 3 * (seconds % 70) / 70,
    "index bytes per command": lambda seconds: 220 + 3 * sin(seconds / 60),
    "table bytes per command": lambda seconds: 890 + 4 * sin(seconds / 60),
    "age of the oldest command": lambda seconds: 15 if seconds % 200 < 20 else 0.5,
}
"""As a soak of default length looks where nothing leaks."""

LEAKS: dict[str, Figure] = {
    "memory of the survivor": lambda seconds: seconds * 2_000 * 5e-6,  # five bytes of each of 2,000 commands a second
    "descriptors of the survivor": lambda seconds: seconds // (2 * FAULT_EVERY_SECONDS),
    "descriptors of the mortal": lambda seconds: seconds // (2 * FAULT_EVERY_SECONDS),
    "dead rows for 100 live ones": lambda seconds: seconds / 100,
    "index bytes per command": lambda seconds: seconds / 15,
    "table bytes per command": lambda seconds: seconds / 10,
    "age of the oldest command": lambda seconds: 0.1 * seconds / 60,
}
"""What comes on top of it little by little."""


def _looked_at(name: str, *figures: Figure) -> Series:
    return Series(
        name, "", [(float(second), sum(figure(second) for figure in figures)) for second in range(SOAK_SECONDS)]
    )


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


@pytest.mark.parametrize("name", LIMITS)
def test_each_figure_of_a_sound_soak_is_flat(name: str) -> None:
    assert goal(name, halves(_looked_at(name, SOUND[name]), SOAK_SECONDS)).met


@pytest.mark.parametrize("name", LIMITS)
def test_a_slow_leak_is_found_in_each_figure(name: str) -> None:
    assert not goal(name, halves(_looked_at(name, SOUND[name], LEAKS[name]), SOAK_SECONDS)).met


def test_what_shrinks_is_flat() -> None:
    assert goal(NAME, halves(_series(*(100.0 - number for number in range(100))), DURATION_SECONDS)).met


def test_a_limit_may_be_a_share_of_what_there_was() -> None:
    name = "index bytes per command"
    seen = halves(_series(*[200.0] * 62, *[209.0] * 38), DURATION_SECONDS)
    assert LIMITS[name].share == 0.05
    assert goal(name, seen).limit == pytest.approx(10)
    assert goal(name, seen).met
    assert not goal(name, halves(_series(*[200.0] * 62, *[211.0] * 38), DURATION_SECONDS)).met


def test_a_half_without_a_look_is_no_proof() -> None:
    with pytest.raises(ValueError, match="too few looks"):
        halves(_series(1.0, 2.0), DURATION_SECONDS)
