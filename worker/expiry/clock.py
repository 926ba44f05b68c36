"""Looks for reservations whose time is up, and sends what ends them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from schemas.commands import Expire
from worker.clocks.sent_lately import SentLately
from worker.clocks.ticking import tick_for_ever
from worker.event_store import ReservationRow
from worker.expiry.expiring import expire_command

TICK_SECONDS = 0.2
"""How often it looks: so late may a reservation end in a quiet shop. One small index probe per partition."""

GRACE_SECONDS = 0.4
"""How long another worker's partition may be overdue before this one sees to it: that worker has died, or is
only starting. Two that both send do no harm, but noise. With a tick it stays within one second."""

DUE_LIMIT_RESERVATIONS = 500
"""Taken at once per partition; the others wait for the next tick. So 2,500 a second and partition may end."""

HURRY_LIMIT_RESERVATIONS = 500
"""With so many due at once, the queues are full of what ends them: to go first would only do them twice."""

RESEND_SECONDS = 10.0
"""What is still due so long after it was sent is sent again: somebody may have emptied the queue."""

assert TICK_SECONDS + GRACE_SECONDS < 1  # noqa: S101 - what is promised

FindDue = Callable[[Sequence[int], datetime, datetime, int], Awaitable[list[ReservationRow]]]
"""See `worker.event_store.PartitionStore.due_reservations`."""

Send = Callable[[Sequence[Expire]], Awaitable[None]]
"""Sends commands; returns once the broker has them safely."""


Hurry = Callable[[Sequence[Expire]], None]
"""Lets commands that were sent and still wait in their queues go first; see `worker.expiry.going_first`."""


class ExpiryClock:
    """One per worker. It looks first after the partitions that are this worker's share."""

    def __init__(self, find_due: FindDue, send: Send, now: Callable[[], datetime], hurry: Hurry) -> None:
        self.share: frozenset[int] = frozenset()
        """The partitions of this worker, kept current by whoever knows."""
        self._find_due = find_due
        self._send = send
        self._now = now
        self._hurry = hurry
        self._sent: SentLately[UUID] = SentLately(RESEND_SECONDS)

    async def run(self) -> None:
        """Look again and again until cancelled."""
        await tick_for_ever(self.tick, TICK_SECONDS, name="expiry")

    async def tick(self) -> None:
        """Send once for everything that is due now. Raises what finding and sending raise."""
        now = self._now()
        overdue = now - timedelta(seconds=GRACE_SECONDS)
        rows = await self._find_due(sorted(self.share), now, overdue, DUE_LIMIT_RESERVATIONS)
        commands = {command.command_id: command for command in map(expire_command, rows)}
        crowded = len(rows) >= HURRY_LIMIT_RESERVATIONS
        self._hurry([] if crowded else [command for name, command in commands.items() if name in self._sent])
        unsent = self._sent.unsent(commands, now)
        if unsent:
            await self._send(unsent)
            self._sent.note((command.command_id for command in unsent), now)
