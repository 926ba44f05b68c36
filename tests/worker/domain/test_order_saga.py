"""The saga of one order against SKU lanes that are as unkind as a broker and its workers may be.

Questions and answers are kept in queues, one per SKU and one for the order, and
taken in any order among the queues; each may be repeated at any time; who is asked
to reserve a line goes on to those behind it, as far as the leg goes; between
them the order is cancelled or expires, and stock comes and goes. In the end the
queues run empty, and then every promise must hold.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from worker import domain as stock_domain
from worker.domain import Refusal, Reservation, Stock, StockReserved, evolve_reservation
from worker.domain.orders import (
    Errand,
    Line,
    LineAnswer,
    LinesAnswered,
    Order,
    OrderPlaced,
    OrderStatus,
    Step,
    cancel,
    errands,
    evolve,
    expire,
    hear,
    place,
    unwanted,
)

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
DEADLINE = START + timedelta(seconds=30)
OPENING = 5
REPEATING_STEPS = 200
"""Four lines that are asked again for ever may be asked faster than they answer."""


@dataclass
class SkuLane:
    """The lane of one SKU with one line of the order in it: it answers each question once and for all."""

    line: int
    stock: Stock = field(default_factory=lambda: Stock(1, {"main": stock_domain.Level(OPENING)}))
    reservation: Reservation | None = None
    answers: dict[Step, LineAnswer] = field(default_factory=dict)

    def answer(self, step: Step, wanted: Order, now: datetime) -> LineAnswer:
        if step not in self.answers:
            self.answers[step] = self._decide(step, wanted, now)
        return self.answers[step]

    def _decide(self, step: Step, wanted: Order, now: datetime) -> LineAnswer:
        quantity = wanted.lines[self.line - 1].quantity
        command: stock_domain.Command
        match step:
            case Step.RESERVE:
                command = stock_domain.ReserveLine("main", "r", quantity, wanted.allow_partial, wanted.deadline)
            case Step.FULFIL:
                command = stock_domain.Fulfil("main", "r", None)
            case Step.RELEASE:
                command = stock_domain.Release("main", "r", None)
        decision = stock_domain.decide(self.stock, command, now, self.reservation)
        if isinstance(decision, Refusal):
            assert step is Step.RESERVE, "a sale or release is only asked for when it must succeed"
            return LineAnswer(0, decision.reason.value, decision.message)
        self.stock = stock_domain.evolve(self.stock, decision)
        assert isinstance(decision, stock_domain.ReservationEvent)
        self.reservation = evolve_reservation(self.reservation, decision)
        return LineAnswer(decision.quantity if isinstance(decision, StockReserved) else 0)


@dataclass(frozen=True)
class Question:
    """What is asked about a line; a reservation with what its leg has got so far, and how many lines it goes on for."""

    step: Step
    heard: tuple[LineAnswer, ...] = ()
    lines_left: int = 0


class World:
    """One order and its lanes."""

    def __init__(self, random: Random, quantities: list[int], *, allow_partial: bool, leg_limit_lines: int) -> None:
        self.random = random
        self.leg_limit_lines = leg_limit_lines
        self.now = START
        lines = tuple(Line(f"SKU-{number}", "main", quantity) for number, quantity in enumerate(quantities, 1))
        placed = place(None, OrderPlaced(UUID(int=1), "till", None, lines, allow_partial, DEADLINE, "till"))
        assert isinstance(placed, OrderPlaced)
        self.order = evolve(None, placed)
        self.lanes = [SkuLane(line) for line in range(1, len(lines) + 1)]
        self.questions: list[deque[Question]] = [deque() for _ in lines]
        self.replies: deque[LinesAnswered] = deque()
        self.decided: list[tuple[OrderStatus, datetime]] = []
        self.ask(errands(self.order))

    def ask(self, asked: list[Errand]) -> None:
        for errand in asked:
            lines_left = self.leg_limit_lines - 1 if errand.step is Step.RESERVE else 0
            self.questions[errand.line - 1].append(Question(errand.step, lines_left=lines_left))

    def step(self, *, repeating: bool) -> None:
        """Let one of the queues move; while `repeating`, ask again now and then what was asked."""
        busy = [line for line, queue in enumerate(self.questions, 1) if queue]
        if repeating and self.random.random() < 0.2:
            self.ask(errands(self.order))  # a copy of all that it waits for
        if self.replies and (not busy or self.random.random() < 0.5):
            self._hear(self.replies.popleft())
        elif busy:
            self._answer(self.random.choice(busy))

    def end_early(self) -> None:
        """Cancel the order, or let its time come, with the message that says so or before it."""
        misfortune = self.random.choice(["cancelled", "due", "expired"])
        self.now = START if misfortune == "cancelled" else DEADLINE
        if misfortune == "due":
            return
        decision = cancel(self.order) if misfortune == "cancelled" else expire(self.order, DEADLINE)
        if not isinstance(decision, Refusal):
            self._move(evolve(self.order, decision))
            self.ask(errands(self.order))

    def _answer(self, line: int) -> None:
        queue, lane = self.questions[line - 1], self.lanes[line - 1]
        question = queue[0] if self.random.random() < 0.2 else queue.popleft()  # delivered again
        answer = lane.answer(question.step, self.order, self.now)
        if question.step is Step.RESERVE:
            for _ in range(self.random.choice([1, 1, 2])):
                self._go_on(line, question, answer)

    def _go_on(self, line: int, question: Question, answer: LineAnswer) -> None:
        heard = (*question.heard, answer)
        goes_on = answer.held or self.order.allow_partial
        if question.lines_left and line < len(self.questions) and goes_on:
            self.questions[line].append(Question(Step.RESERVE, heard, question.lines_left - 1))
        else:
            self.replies.append(LinesAnswered(line + 1 - len(heard), heard))

    def _hear(self, answer: LinesAnswered) -> None:
        events = hear(self.order, answer, self.now)
        for event in events:
            self._move(evolve(self.order, event))
        if events:
            self.ask(errands(self.order))
        else:
            self.ask(unwanted(self.order, answer))

    def _move(self, after: Order) -> None:
        if after.status is not self.order.status:
            self.decided.append((after.status, self.now))
        self.order = after

    @property
    def is_quiet(self) -> bool:
        return not self.replies and not any(self.questions)


@given(
    seed=st.integers(0, 2**32),
    quantities=st.lists(st.integers(1, OPENING + 2), min_size=1, max_size=4),
    allow_partial=st.booleans(),
    early=st.none() | st.integers(0, 12),
    leg_limit_lines=st.integers(1, 4),
)
def test_all_or_nothing_whatever_is_repeated_and_whenever_it_ends(
    *, seed: int, quantities: list[int], allow_partial: bool, early: int | None, leg_limit_lines: int
) -> None:
    world = World(Random(seed), quantities, allow_partial=allow_partial, leg_limit_lines=leg_limit_lines)
    for number in range(2_000):
        if number == early:
            world.end_early()
        if world.is_quiet:
            break
        world.step(repeating=number < REPEATING_STEPS)
    assert world.is_quiet
    _judge(world)


def _judge(world: World) -> None:
    order = world.order
    ((status, decided_at),) = world.decided
    assert status is order.status, "decided once, and for good"
    if decided_at == DEADLINE:
        assert status is OrderStatus.EXPIRED
    assert order.awaited is None
    left = [lane.stock.at("main") for lane in world.lanes]
    assert [level.reserved for level in left] == [0] * len(left), "nothing is held any more"
    sold = [OPENING - level.on_hand for level in left]
    wanted = [line.quantity for line in order.lines]
    if order.status is not OrderStatus.SOLD:
        assert sold == [0] * len(sold)
    elif order.allow_partial:
        assert sold == [min(quantity, OPENING) for quantity in wanted]
    else:
        assert sold == wanted
    if world.now == START and order.status is not OrderStatus.CANCELLED:
        can_be_had = order.allow_partial or max(wanted) <= OPENING
        assert (order.status is OrderStatus.SOLD) == can_be_had
