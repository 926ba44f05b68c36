"""How far a plan goes: by tables, and over whole lives of plans under random clocks and lanes."""

from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.replay.advancing import (
    BURST_SECONDS,
    IN_FLIGHT_LIMIT_LETTERS,
    ROUNDING,
    Ask,
    CanaryItem,
    Finish,
    Pace,
    Pause,
    Progress,
    Step,
    advance,
)

FREE = Pace(canary=None, canary_passed=False, rate_per_second=None)
CAREFUL = replace(FREE, canary=2)


def paced(rate_per_second: float) -> Pace:
    return replace(FREE, rate_per_second=rate_per_second)


def ask(count: int, unused_seconds: float = 0.0, *, passed: bool = False) -> Ask:
    return Ask(count, unused_seconds, passed)


def item(letter_id: int, state: str = "done", outcome: str | None = "applied", **more: str) -> CanaryItem:
    return CanaryItem(letter_id, state, outcome, **more)


PLANNED = [item(1, "planned", None), item(2, "planned", None)]
ASKED = [item(1), item(2, "requested", None)]
PASSED = [item(1), item(2)]


@pytest.mark.parametrize(
    ("pace", "progress", "elapsed_seconds", "step"),
    [
        pytest.param(FREE, Progress(0, 0), 0.0, Finish(), id="nothing is left"),
        pytest.param(FREE, Progress(0, 1), 9.0, ask(0), id="the last is being done"),
        pytest.param(FREE, Progress(7, 0), 0.0, ask(7), id="without a rate all at once"),
        pytest.param(FREE, Progress(2_000, 400), 0.0, ask(600), id="what is in flight counts"),
        pytest.param(FREE, Progress(5, 1_500), 0.0, ask(0), id="no room at all"),
        pytest.param(paced(50), Progress(99, 0), 0.5, ask(25), id="so many in half a second"),
        pytest.param(paced(4), Progress(99, 0), 0.4, ask(1, 0.15), id="the rest of it is kept"),
        pytest.param(paced(4), Progress(99, 0), 0.2, ask(0, 0.2), id="not yet one"),
        pytest.param(paced(50), Progress(99, 0), 3_600.0, ask(50), id="no burst after a pause"),
        pytest.param(paced(0.1), Progress(9, 0), 10.0, ask(1), id="one in ten seconds"),
        pytest.param(paced(0.1), Progress(9, 0), 9.0, ask(0, 9.0), id="and none in nine"),
        pytest.param(paced(49), Progress(99, 0), 1 / 49, ask(1), id="one is not lost by rounding"),
        pytest.param(paced(50), Progress(99, 0), -3_600.0, ask(1), id="its maker's clock ran ahead"),
        pytest.param(CAREFUL, Progress(99, 0, PLANNED), 0.0, ask(2), id="the canary first"),
        pytest.param(CAREFUL, Progress(98, 1, ASKED), 0.0, ask(0), id="the others wait for it"),
        pytest.param(CAREFUL, Progress(97, 0, PASSED), 0.0, ask(97, passed=True), id="and follow"),
        pytest.param(
            replace(CAREFUL, canary_passed=True), Progress(97, 0), 0.0, ask(97, passed=True), id="it holds no more"
        ),
        pytest.param(
            CAREFUL,
            Progress(98, 1, [item(1, outcome="rejected"), item(2, "requested", None)]),
            0.0,
            ask(0),
            id="a failed canary is heard to its end",
        ),
        pytest.param(
            replace(CAREFUL, canary=3),
            Progress(98, 0, [item(1, outcome=None), item(2), item(3, "planned", None)]),
            0.0,
            Pause("1 of the first 3 did not succeed: letter 1: without an outcome"),
            id="and not asked further",
        ),
        pytest.param(
            CAREFUL,
            Progress(0, 0, [item(1, outcome="rejected"), item(2)]),
            0.0,
            Finish(),
            id="nothing is left to be held back",
        ),
    ],
)
def test_a_step(pace: Pace, progress: Progress, elapsed_seconds: float, step: Step) -> None:
    told = advance(pace, progress, elapsed_seconds)
    if isinstance(told, Ask) and isinstance(step, Ask):
        assert told.unused_seconds == pytest.approx(step.unused_seconds)
        told = replace(told, unused_seconds=step.unused_seconds)
    assert told == step


def test_a_note_names_who_failed_and_why() -> None:
    failed = [
        item(4, outcome="rejected", outcome_reason="insufficient_stock", message="only 2 are available"),
        item(6, outcome="dead_lettered", outcome_reason="failed"),
        item(7, outcome=None, message="ann has asked to skip it meanwhile"),
        item(8, outcome="rejected", outcome_reason="conflict"),
    ]
    step = advance(replace(CAREFUL, canary=5), Progress(3, 0, [item(3), *failed]), 0.0)
    assert step == Pause(
        "4 of the first 5 did not succeed: letter 4: rejected insufficient_stock, only 2 are available; "
        "letter 6: dead_lettered failed; letter 7: ann has asked to skip it meanwhile; and 1 more"
    )


@dataclass
class Life:
    """A plan with its lanes and its clock."""

    pace: Pace
    letters: int
    failing: frozenset[int]
    random: Random
    states: list[str] = field(init=False)
    paused: bool = False
    finished: bool = False
    now_seconds: float = 0.0
    used_up_seconds: float = 0.0
    asked_at: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = ["planned"] * self.letters

    def pass_time(self) -> None:
        self.now_seconds += self.random.choice([0.0, 0.05, 0.5, 0.5, 3.0, 100.0])
        for number, state in enumerate(self.states):
            if state == "requested" and self.random.random() < 0.6:
                self.states[number] = "done"

    def tick(self) -> Step:
        step = advance(self.pace, self._progress(), self.now_seconds - self.used_up_seconds)
        self._require_lawful(step)
        match step:
            case Finish():
                self.finished = True
            case Pause():
                self.paused = True
                self.pace = replace(self.pace, canary_passed=True)
            case Ask():
                self._ask(step)
        return step

    def _ask(self, step: Ask) -> None:
        first = self.letters - self.states.count("planned")
        self.states[first : first + step.count] = ["requested"] * step.count
        self.asked_at += [self.now_seconds] * step.count
        if step.count:
            self.used_up_seconds = self.now_seconds - step.unused_seconds
        self.pace = replace(self.pace, canary_passed=step.canary_passed)

    def _progress(self) -> Progress:
        canary = (
            [] if self.pace.canary_passed else [self._item(n) for n in range(min(self.pace.canary or 0, self.letters))]
        )
        return Progress(self.states.count("planned"), self.states.count("requested"), canary)

    def _item(self, number: int) -> CanaryItem:
        done = self.states[number] == "done"
        outcome = ("rejected" if number in self.failing else "applied") if done else None
        return CanaryItem(number, self.states[number], outcome)

    def _require_lawful(self, step: Step) -> None:
        left = self.states.count("planned") + self.states.count("requested")
        assert isinstance(step, Finish) == (left == 0)
        if isinstance(step, Ask):
            assert 0 <= step.count <= self.states.count("planned")
            assert not step.count or step.count + self.states.count("requested") <= IN_FLIGHT_LIMIT_LETTERS
            if self.pace.canary is not None and not step.canary_passed:
                asked = self.letters - self.states.count("planned") + step.count
                assert asked <= self.pace.canary
            if step.canary_passed and not self.pace.canary_passed:
                assert all(self._item(n).outcome == "applied" for n in range(min(self.pace.canary or 0, self.letters)))


paces = st.builds(
    Pace,
    canary=st.none() | st.integers(1, 12),
    canary_passed=st.just(value=False),
    rate_per_second=st.none() | st.floats(0.05, 500.0),
)

seeds = st.integers(0, 2**32)
"""Not hypothesis' own randomness, whose shrinking makes time stand still."""


@given(paces, st.integers(0, 60), st.frozensets(st.integers(0, 12)), seeds)
def test_a_whole_life(pace: Pace, letters: int, failing: frozenset[int], seed: int) -> None:
    life = Life(pace, letters, failing, Random(seed))
    for _ in range(3_000):
        life.pass_time()
        life.tick()
        life.paused = False  # somebody has looked, and resumes it
        if life.finished:
            break
    assert life.finished
    assert len(life.asked_at) == letters
    if pace.rate_per_second is not None:
        for number, at in enumerate(life.asked_at, start=1):
            assert number <= pace.rate_per_second * at + 1


@given(paces, st.integers(1, 30), st.frozensets(st.integers(0, 12), min_size=1), seeds)
def test_a_canary_that_fails_stops_the_plan_before_the_others(
    pace: Pace, others: int, failing: frozenset[int], seed: int
) -> None:
    canary = max(failing) + 1
    life = Life(replace(pace, canary=canary), canary + others, failing, Random(seed))
    while not life.paused:
        life.pass_time()
        life.tick()
    assert life.states[canary:] == ["planned"] * others


@given(st.floats(0.05, 500.0), st.floats(0.0, 1e6))
def test_nothing_is_made_up_for(rate_per_second: float, elapsed_seconds: float) -> None:
    step = advance(paced(rate_per_second), Progress(10**6, 0), elapsed_seconds)
    assert isinstance(step, Ask)
    assert step.count <= max(1.0, rate_per_second * BURST_SECONDS) + ROUNDING
