"""The saga of one order against SKU lanes that are as unkind as a broker and its workers may be.

Questions and answers are kept in queues, one per SKU and one for the order, and
taken in any order among the queues; each may be repeated at any time; who is asked
to reserve a line goes on to those behind it, as far as the leg goes; what cannot be
processed is answered so, and is asked again by an operator at any time; between
them the order is cancelled or expires. What a lane has recorded under the id of the
last line's sale stands, and so does what the order's lane has, to keep it from being
sold. In the end the queues run empty, and then every promise must hold.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from worker import domain as stock_domain
from worker.domain import Refusal, Reservation, Stock, StockRemoved, StockReserved, evolve_reservation
from worker.domain.orders import (
    Errand,
    Line,
    LineAnswer,
    LinesAnswered,
    Order,
    OrderEvent,
    OrderPlaced,
    OrderStatus,
    Step,
    cancel,
    errands,
    evolve,
    expire,
    hear,
    place,
    settling,
    unwanted,
)

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
DEADLINE = START + timedelta(seconds=30)
OPENING = 5
REPEATING_STEPS = 200
"""Four lines that are asked again for ever may be asked faster than they answer."""
FAILED = LineAnswer(0, "failed")
FORESTALLED = LineAnswer(0, "order_completed")

assert FORESTALLED.is_final
assert not FAILED.is_final

TAKING = frozenset({Step.RESERVE, Step.SELL})


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
            case Step.SELL:
                command = stock_domain.SellLine("main", quantity, wanted.allow_partial, wanted.deadline)
            case Step.FULFIL:
                command = stock_domain.Fulfil("main", "r", None)
            case Step.RELEASE:
                command = stock_domain.Release("main", "r", None)
        decision = stock_domain.decide(self.stock, command, now, self.reservation)
        if isinstance(decision, Refusal):
            assert step in TAKING, "what is held is sold or released only when that must succeed"
            return LineAnswer(0, decision.reason.value, decision.message)
        self.stock = stock_domain.evolve(self.stock, decision)
        if isinstance(decision, StockRemoved):
            return LineAnswer(0, sold=decision.quantity)
        assert isinstance(decision, stock_domain.ReservationEvent)
        self.reservation = evolve_reservation(self.reservation, decision)
        return LineAnswer(decision.quantity if isinstance(decision, StockReserved) else 0)


@dataclass(frozen=True)
class Question:
    """What is asked about a line; with what its leg has got so far, and how many lines it goes on for."""

    step: Step
    heard: tuple[LineAnswer, ...] = ()
    lines_left: int = 0


class World:
    """One order and its lanes."""

    def __init__(
        self, random: Random, quantities: list[int], *, allow_partial: bool, leg_limit_lines: int, fails: bool
    ) -> None:
        self.random = random
        self.fails = fails
        self.letters: list[tuple[int, Question]] = []
        """What could not be processed, by line."""
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
            lines_left = self.leg_limit_lines - 1 if errand.step in TAKING else 0
            self.questions[errand.line - 1].append(Question(errand.step, lines_left=lines_left))

    def step(self, *, repeating: bool) -> None:
        """Let one of the queues move; while `repeating`, ask again now and then what was asked."""
        busy = [line for line, queue in enumerate(self.questions, 1) if queue]
        if repeating and self.random.random() < 0.2:
            self.ask(errands(self.order))  # a copy of all that it waits for
        if self.letters and (not busy or self.random.random() < 0.2):
            line, question = self.letters.pop()
            self._go_on(line, question, self.lanes[line - 1].answer(question.step, self.order, self.now))
        elif self.replies and (not busy or self.random.random() < 0.5):
            self._hear(self.replies.popleft())
        elif busy:
            self._answer(self.random.choice(busy))

    def end_early(self) -> None:
        """Cancel the order, or let its time come, with the message that says so or before it."""
        misfortune = self.random.choice(["cancelled", "due", "expired"])
        self.now = START if misfortune == "cancelled" else DEADLINE
        if misfortune == "due":
            return

        def decide(*, is_sold: bool) -> OrderEvent | None:
            if misfortune == "expired":
                ended: OrderEvent | Refusal = expire(self.order, DEADLINE, is_sold=is_sold)
            else:
                ended = cancel(self.order, is_sold=is_sold)
            return None if isinstance(ended, Refusal) else ended

        if self._happen(decide):
            self.ask(errands(self.order))

    def _happen(self, decide: Callable[..., OrderEvent | None]) -> bool:
        """Let what is decided happen, and keep the last line from being sold, unless it is: then that decides."""
        event = decide(is_sold=False)
        after = self.order if event is None else evolve(self.order, event)
        if event is not None and after.awaited is None and after.is_sale_open:
            recorded = self.lanes[-1].answers.setdefault(Step.SELL, FORESTALLED)
            if recorded.sold:
                event = decide(is_sold=True)
                self.ask(errands(self.order))
        if event is not None:
            self._move(evolve(self.order, event))
        return event is not None

    def _answer(self, line: int) -> None:
        queue, lane = self.questions[line - 1], self.lanes[line - 1]
        question = queue[0] if self.random.random() < 0.2 else queue.popleft()  # delivered again
        if self.fails and question.step in TAKING - lane.answers.keys() and self.random.random() < 0.2:
            self.letters.append((line, question))
            self.replies.append(LinesAnswered(line - len(question.heard), (*question.heard, FAILED)))
            return
        answer = lane.answer(question.step, self.order, self.now)
        if question.step in TAKING:
            for _ in range(self.random.choice([1, 1, 2])):
                self._go_on(line, question, answer)

    def _go_on(self, line: int, question: Question, answer: LineAnswer) -> None:
        heard = (*question.heard, answer)
        goes_on = answer.held or self.order.allow_partial
        if question.lines_left and line < len(self.questions) and goes_on:
            step = Step.RESERVE if line + 1 < len(self.questions) else Step.SELL
            self.questions[line].append(Question(step, heard, question.lines_left - 1))
        else:
            self.replies.append(LinesAnswered(line + 1 - len(heard), heard))

    def _hear(self, answer: LinesAnswered) -> None:
        if self._happen(lambda is_sold: hear(self.order, answer, self.now, is_sold=is_sold)):
            self.ask(errands(self.order))
        else:
            self.ask(unwanted(self.order, answer))

    def _move(self, after: Order) -> None:
        if after.status is not self.order.status:
            self.decided.append((after.status, self.now))
        self.order = after

    def look_after_holds(self) -> None:
        """Do what the clock does for an order that is decided, and has not heard of what a replay held."""
        held = [lane.line for lane in self.lanes if lane.stock.at("main").reserved]
        self.ask([settling(self.order, line) for line in held if self.order.awaited is None])

    @property
    def is_quiet(self) -> bool:
        return not self.replies and not self.letters and not any(self.questions)


@given(
    seed=st.integers(0, 2**32),
    quantities=st.lists(st.integers(1, OPENING + 2), min_size=1, max_size=4),
    allow_partial=st.booleans(),
    early=st.none() | st.integers(0, 12),
    leg_limit_lines=st.integers(1, 4),
    fails=st.booleans(),
)
def test_all_or_nothing_whatever_is_repeated_and_whenever_it_ends(
    *, seed: int, quantities: list[int], allow_partial: bool, early: int | None, leg_limit_lines: int, fails: bool
) -> None:
    random = Random(seed)
    world = World(random, quantities, allow_partial=allow_partial, leg_limit_lines=leg_limit_lines, fails=fails)
    for number in range(2_000):
        if number == early:
            world.end_early()
        if world.is_quiet:
            world.look_after_holds()
        if world.is_quiet:
            break
        world.step(repeating=number < REPEATING_STEPS)
    assert world.is_quiet
    _judge(world)
    if early is None and not fails:
        _judge_undisturbed(world)


def _judge(world: World) -> None:
    order = world.order
    ((status, decided_at),) = world.decided
    assert status is order.status, "decided once, and for good"
    assert order.awaited is None
    left = [lane.stock.at("main") for lane in world.lanes]
    assert [level.reserved for level in left] == [0] * len(left), "nothing is held any more"
    sold = [OPENING - level.on_hand for level in left]
    wanted = [line.quantity for line in order.lines]
    if decided_at == DEADLINE and status is not OrderStatus.EXPIRED:
        assert world.lanes[-1].answers[Step.SELL].sold, "what is late was sold in time"
    if order.status is not OrderStatus.SOLD:
        assert sold == [0] * len(sold)
        return
    assert sold == [answer.units for answer in order.answers], "the answer tells what was sold"
    if not order.allow_partial:
        assert sold == wanted
    elif not world.fails:
        assert sold == [min(quantity, OPENING) for quantity in wanted]


def _judge_undisturbed(world: World) -> None:
    order = world.order
    can_be_had = order.allow_partial or max(line.quantity for line in order.lines) <= OPENING
    assert (order.status is OrderStatus.SOLD) == can_be_had
