"""What `make races` shows."""

import subprocess
import sys

import pytest

from tests.races.lanes import PURCHASES, behind_buyers, side_by_side
from tests.races.naive import Tills, check_then_decrement
from tests.races.races import PACES, RACES, TURNS_PER_LANE
from tests.races.schedules import schedules
from tests.races.turns import take_turns

EXACTLY = {
    "check, then decrement": (945, 900, -5),
    "the same, a lock in each of two processes": (9_450, 5_371, -2),
    "SELECT FOR UPDATE, forgotten in one place": (4_725, 474, -2),
    "the lane": (2_835, 0, 1),
    "two lanes that both think they are the owner": (6_435, 0, 1),
}


@pytest.mark.parametrize("name", RACES)
def test_what_comes_of_every_schedule(name: str) -> None:
    outcome = RACES[name]()
    assert (outcome.schedules, outcome.oversold, outcome.worst) == EXACTLY[name]
    assert len(outcome.shortest) == (8 if outcome.oversold else 0)


def test_when_all_look_before_anyone_takes_all_five_get_it() -> None:
    tills = Tills()
    take_turns([check_then_decrement(tills, buyer) for buyer in range(5)], (0, 1, 2, 3, 4) * 2)
    assert tills.till.left == -5


@pytest.mark.parametrize("pace", PACES)
def test_the_lane_sells_to_three_and_answers_all_five_in_every_schedule(pace: int) -> None:
    for schedule in schedules(len(PURCHASES), 2):
        warehouse = behind_buyers(schedule, pace)
        assert (warehouse.left, warehouse.fenced) == (1, 0)
        assert _outcomes(warehouse.answers) == (3, 2)


def test_two_lanes_give_each_command_one_effect_and_one_answer_in_every_schedule() -> None:
    fenced = 0
    for schedule in schedules(2, TURNS_PER_LANE):
        warehouse = side_by_side(schedule)
        assert warehouse.left == 1
        assert _outcomes(warehouse.answers) == (3, 2)
        fenced += warehouse.fenced
    assert fenced == 2_625


def test_the_program_prints_it_in_80_columns() -> None:
    printed = subprocess.run([sys.executable, "-m", "tests.races"], capture_output=True, text=True, check=True)
    lines = printed.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "check, then decrement                               945       900           -5" in lines
    assert "   8. Cem takes 3: -2 left" in lines
    assert printed.stderr == ""


def _outcomes(answers: list[bytes]) -> tuple[int, int]:
    return sum(b'"applied"' in answer for answer in answers), sum(b'"rejected"' in answer for answer in answers)
