"""Looks after the ledger: carries plans on, and makes lanes look at what operators ask for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from worker.clocks.sent_lately import SentLately

LEDGER_TICK_SECONDS = 0.5
"""How often it looks: so late may a lane hear of what was asked for."""

OVERDUE_SECONDS = 3.0
"""How long another worker's partition may be asked about before this one sees to it: that worker has died, or is
only starting. Two that both send do no harm, but noise."""

RESEND_SECONDS = 1.0
"""What is still waiting so long after its lane was told of it is told once more: somebody may have emptied the queue,
or the lane has a backlog. A nudge costs its lane one small read."""

FIGURES_SECONDS = 10.0
"""How old the figures of the ledger may be. A million open letters are counted in a fraction of a second."""

OPEN_STATES = ("set_aside", "held", "parked")
"""Of letters that are not closed."""


class WaitingPartition(NamedTuple):
    """A partition whose lane has something to look at."""

    partition: int
    newest: datetime | None
    """When the last of it was asked for; None for lines that were let go and not finished."""


class Figures(NamedTuple):
    """The ledger in numbers."""

    open_letters: Mapping[str, int]
    """By state; a state that no letter is in may be missing."""
    held_aggregates: int


class Requests(Protocol):
    """What operators ask for; see `worker.replay.requests`."""

    async def waiting(self, own_partitions: Sequence[int], overdue_seconds: float) -> list[WaitingPartition]:
        """Return where something waits, elsewhere than in `own_partitions` only for that long already."""

    async def figures(self) -> Figures:
        """Count the ledger."""


class LedgerClock:
    """One per worker, for the partitions that are this worker's share."""

    def __init__(
        self,
        requests: Requests,
        carry_on: Callable[[], Awaitable[None]],
        nudge: Callable[[Sequence[int]], Awaitable[None]],
        show: Callable[[Figures], None],
        now: Callable[[], datetime],
    ) -> None:
        """`carry_on` takes plans as far as they may go; `nudge` makes lanes look; `show` is given the figures."""
        self.share: frozenset[int] = frozenset()
        """The partitions of this worker, kept current by whoever knows."""
        self._requests = requests
        self._carry_on = carry_on
        self._nudge = nudge
        self._show = show
        self._now = now
        self._sent: SentLately[WaitingPartition] = SentLately(RESEND_SECONDS)
        self._figures_due = datetime.min.replace(tzinfo=now().tzinfo)

    async def tick(self) -> None:
        """Do everything that is to be done now. Raises what asking and sending raise."""
        await self._carry_on()
        now = self._now()
        waiting = await self._requests.waiting(sorted(self.share), OVERDUE_SECONDS)
        # What was asked for since a partition was last told has another time: it is told at once.
        unsent = self._sent.unsent({each: each for each in waiting}, now)
        if unsent:
            await self._nudge([each.partition for each in unsent])
            self._sent.note(unsent, now)
        if now >= self._figures_due:
            self._show(await self._requests.figures())
            self._figures_due = now + timedelta(seconds=FIGURES_SECONDS)
