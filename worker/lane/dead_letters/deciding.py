"""Decides what operators ask for, and the lines that are let go, slice by slice.

A slice goes the way of a batch: decided, committed, published. Then what became
of it is written. A lane that dies in between leaves its letters open: its
successor decides them again, finds the answers of those that were committed, and
repeats them. So nothing is passed by what comes after it, whenever a lane dies.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from publisher.backoff import Backoff
from worker.event_store import StatementRefused, StoreUnavailable, Term
from worker.lane.dead_letters.reading import Closable, NotDone, Reading, StandingAnswer, delivery_of, read_letter
from worker.lane.dead_letters.suspects import Suspects
from worker.lane.dead_letters.verdicts import AskedBy, asked_by, lines_after, verdict_on
from worker.lane.decoding import Unprocessable
from worker.lane.endings import Ending
from worker.lane.planning import Skip
from worker.lane.ports import Assignment, Ports
from worker.lane.settling import Settler
from worker.ledger import OpenLetter

SLICE_LIMIT_LETTERS = 256
"""As many as a lane takes from its queue at once; in between, it works on what arrives for others."""

DECIDE_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)

Publish = Callable[[Sequence[Ending]], Awaitable[None]]
"""Publishes what endings lead to; returns once the broker has confirmed it."""

_UNPUBLISHED = (NotDone, Closable, StandingAnswer)
_DECIDED_BY_READING = (Unprocessable, *_UNPUBLISHED)

Concluded = Ending | NotDone | Closable | StandingAnswer
"""What became of it."""


class Deciding:
    """For one lane."""

    def __init__(
        self, assignment: Assignment, ports: Ports, settler: Settler, suspects: Suspects, publish: Publish
    ) -> None:
        self._assignment = assignment
        self._ledger = ports.ledger
        self._source = ports.source
        self._environment = ports.environment
        self._observer = ports.observer
        self._settler = settler
        self._suspects = suspects
        self._publish = publish
        self.busy = False
        """Whether there may be something to decide; set by whoever hears so."""

    async def step(self) -> None:
        """Decide one slice; wait for a database that is away. Raises `SourceClosed` and `Fenced`."""
        for delay_seconds in DECIDE_BACKOFF.delays_seconds():
            try:
                await self._step()
            except (StoreUnavailable, StatementRefused) as error:
                self._settler.forget_term()
                self._observer.retried("decide", error)
                await self._source.pause(delay_seconds)
            else:
                return

    async def _step(self) -> None:
        # Claim first: lines may be decided only by the owner, who knows of each hold before it reads what waits.
        term = await self._settler.claimed()
        letters = await self._ledger.open_letters(self._assignment.partition, SLICE_LIMIT_LETTERS)
        self.busy = bool(letters)
        if not letters:
            return
        # One portion, then all is read again: what fails in one of them holds what stands in the next.
        portion = (await self._suspects.portions(_bodies(letters)))[0]
        taken = letters[portion.start : portion.stop]
        async with self._suspects.attempt(_bodies(taken)):
            readings = [(letter, read_letter(letter, self._assignment, portion)) for letter in taken]
            await self._conclude(term, await self._settled(decidable_together(readings)), asked_by(letters))

    async def _settled(self, readings: Sequence[tuple[OpenLetter, Reading]]) -> list[tuple[OpenLetter, Concluded]]:
        holds = self._settler.holds
        holds.begin_batch()
        items = [(letter, item) for letter, item in readings if not isinstance(item, _DECIDED_BY_READING)]
        # Giving a command up has no effect, so nothing is passed by it.
        with holds.let_pass({letter.letter_id for letter, item in items if letter.in_line or isinstance(item, Skip)}):
            settled = iter(await self._settler.settle([item for _, item in items]))
        holds.begin_batch()
        return [(letter, item if isinstance(item, _DECIDED_BY_READING) else next(settled)) for letter, item in readings]

    async def _conclude(
        self, term: Term, concluded: Sequence[tuple[OpenLetter, Concluded]], asked: Mapping[str | None, AskedBy]
    ) -> None:
        holds = self._settler.holds
        pairs = [
            (verdict, ending)
            for letter, ending in concluded
            if (verdict := verdict_on(letter, ending, asked[letter.aggregate_id], holds)) is not None
        ]
        if not pairs:
            self.busy = False
            return
        await self._publish([ending for _, ending in pairs if not isinstance(ending, _UNPUBLISHED)])
        if (await self._settler.claimed()).epoch != term.epoch:
            return  # another owner may have moved the lines meanwhile: read again what is open
        verdicts = [verdict for verdict, _ in pairs]
        after = lines_after(holds, [letter for letter, _ in concluded], verdicts)
        await self._ledger.settle(term, verdicts, after.holds, after.ended, self._environment.now())
        holds.note(after.holds, after.ended)


def _bodies(letters: Sequence[OpenLetter]) -> list[bytes]:
    return [delivery_of(letter).body for letter in letters]


def decidable_together(readings: Sequence[tuple[OpenLetter, Reading]]) -> list[tuple[OpenLetter, Reading]]:
    """Return those of `readings` that can be decided together without anything passing what it stands behind.

    Of each line, those before the first that cannot be processed; or that one, where it is the first. Nor does
    anything pass a letter of which something was asked that cannot be done.
    """
    begun: set[str] = set()
    stopped: set[str] = set()
    together = []
    for letter, reading in readings:
        line = letter.aggregate_id if letter.in_line else None
        if line in stopped:
            continue
        if line is not None and isinstance(reading, Unprocessable):
            stopped.add(line)
            if line in begun:
                continue
        if line is not None:
            begun.add(line)
            if isinstance(reading, NotDone) and not letter.state.closed:
                stopped.add(line)
        together.append((letter, reading))
    return together
