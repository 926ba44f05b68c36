"""One worker's share of the partitions: it follows who comes and who goes.

A worker joins by first finding out who is there, then consuming its share, and
only then telling the others, so that they let go of what already has a
successor waiting. Who lets go works on for a moment, in which the successor gets
ready; then it finishes and acknowledges the batch in work and closes the
channel. The broker activates the successor at that moment, never before.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from worker.broker.assembly import Assembly
from worker.broker.session import BrokerSession
from worker.ownership import Presence, Roster, assign
from worker.service.keeper import Keeper
from worker.service.waiting import sleep_unless

JOIN_SECONDS = 0.5
"""How long a worker listens for the others before it takes its share. An answer takes milliseconds; who is heard
later costs a second move."""

READY_LIMIT_SECONDS = 2.0
"""The longest it lets the others go on with what will be its own, because its lanes are not ready. They are after
a tenth of this, unless a server does not answer."""

LET_GO_SECONDS = 0.5
"""How long a worker goes on with what is another's now. The broker has one of them work at a time, so nothing
is done twice; without it, the commands would wait while the successor connects."""

PROBE_INTERVAL_SECONDS = 1.0
"""How often the others are told that this one is here, and asked whether they are: the longest a dead
worker's partitions wait after the broker has noticed."""


class Share:
    """Keeps the lanes of this worker's partitions going, within one session."""

    def __init__(
        self,
        assembly: Assembly,
        session: BrokerSession,
        partition_count: int,
        *,
        lane_keeper: Callable[[int], Keeper],
        on_change: Callable[[frozenset[int]], None],
    ) -> None:
        """`lane_keeper` makes the keeper of a partition's lane; `on_change` is told each new share."""
        self._assembly = assembly
        self._session = session
        self._partition_count = partition_count
        self._lane_keeper = lane_keeper
        self._on_change = on_change
        self._roster = Roster(assembly.worker)
        self._settled_for: frozenset[str] = frozenset()
        self._keepers: dict[int, Keeper] = {}
        self._let_go_at: dict[int, float] = {}
        """When to stop those keepers whose partition is another's now."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._log = structlog.get_logger()

    async def run(self) -> None:
        """Follow the others until cancelled or until the session is lost; lanes go on until `leave`."""
        await self._join()
        clock = asyncio.get_running_loop().time
        probe_at = clock() + PROBE_INTERVAL_SECONDS
        while not self._session.lost.is_set():
            await self._listen(min((probe_at, *self._let_go_at.values())) - clock())
            if clock() >= probe_at:
                await self._probe()
                probe_at = clock() + PROBE_INTERVAL_SECONDS
            self._settle()
            self._let_go()
            if self._failure is not None:
                raise self._failure

    async def leave(self) -> set["asyncio.Task[None]"]:
        """Let go of everything; return the tasks of the lanes that finish what they have."""
        if not self._session.lost.is_set():
            await self._assembly.say(Presence.LEAVING)
            if self._roster.others:
                await sleep_unless(self._session.lost, LET_GO_SECONDS)
        for keeper in self._keepers.values():
            keeper.stop()
        self._keepers.clear()
        self._on_change(frozenset())
        return self._tasks

    async def _join(self) -> None:
        await self._assembly.say(Presence.JOINING)
        clock = asyncio.get_running_loop().time
        until = clock() + JOIN_SECONDS
        while (left_seconds := until - clock()) > 0:
            for announcement in await self._assembly.hear(left_seconds):
                self._roster.hear(announcement)
        self._settle()
        await self._ready()
        await self._assembly.say(Presence.MEMBER)

    async def _ready(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_LIMIT_SECONDS):
                for keeper in self._keepers.values():
                    await keeper.ready.wait()

    async def _listen(self, within_seconds: float) -> None:
        heard = [self._roster.hear(announcement) for announcement in await self._assembly.hear(within_seconds)]
        if any(heard):
            await self._assembly.say(Presence.MEMBER)

    async def _probe(self) -> None:
        # Said again and again, because somebody may have missed it.
        await self._assembly.say(Presence.MEMBER)
        for worker in await self._assembly.gone(self._roster.others):
            self._log.info("worker.gone", gone=worker)
            self._roster.lose(worker)

    def _settle(self) -> None:
        members = self._roster.members
        if members == self._settled_for:
            return
        self._settled_for = members
        share = assign(self._partition_count, members)[self._assembly.worker]
        let_go_at = asyncio.get_running_loop().time() + LET_GO_SECONDS
        self._let_go_at = {
            partition: self._let_go_at.get(partition, let_go_at) for partition in self._keepers.keys() - share
        }
        for partition in sorted(share - self._keepers.keys()):
            self._keep(partition)
        self._log.info("share.changed", workers=len(members), partitions=sorted(share))
        self._on_change(share)

    def _let_go(self) -> None:
        now = asyncio.get_running_loop().time()
        for partition in [partition for partition, at in self._let_go_at.items() if at <= now]:
            del self._let_go_at[partition]
            self._keepers.pop(partition).stop()

    def _keep(self, partition: int) -> None:
        keeper = self._keepers[partition] = self._lane_keeper(partition)
        task = asyncio.create_task(keeper.run())
        self._tasks.add(task)
        task.add_done_callback(self._on_ended)

    def _on_ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()
