"""One worker's share of the partitions: it follows who comes and who goes.

A worker joins by first finding out who is there, then consuming its share, and
only then telling the others, so that they let go of what already has a
successor waiting. Who lets go works on for a moment, in which the successor gets
ready; then it finishes and acknowledges the batch in work and closes the
channel. The broker activates the successor at that moment, never before.

A worker whose database does not answer steps aside: it leaves its share to
those who can work, and joins again when the database answers.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from worker.broker.assembly import Assembly
from worker.broker.session import BrokerSession
from worker.ownership import Presence, Roster, WorkerReport, assign
from worker.service.database_watch import DatabaseWatch
from worker.service.kept_lane import KeptLane
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

PROBE_INTERVAL_SECONDS = 0.5
"""How often the others are told that this one is here, and asked whether they are: the longest a dead worker's
partitions wait after the broker has noticed. Twenty workers send the broker about 800 small messages a second."""


class OtherShop(Exception):
    """Workers of another database share this virtual host; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Member:
    """Who this worker is among the others."""

    name: str
    shop: str
    partition_count: int
    joined_at: datetime


class Share:
    """Keeps the lanes of this worker's partitions going, within one session."""

    def __init__(
        self,
        assembly: Assembly,
        session: BrokerSession,
        member: Member,
        database: DatabaseWatch,
        *,
        keep_lane: Callable[[int], KeptLane],
        on_change: Callable[[frozenset[int]], None],
    ) -> None:
        """`keep_lane` makes the lane of a partition; `on_change` is told each new share."""
        self._assembly = assembly
        self._session = session
        self._member = member
        self._database = database
        self._keep_lane = keep_lane
        self._on_change = on_change
        self._roster = Roster(assembly.worker, member.shop)
        self._settled_for: frozenset[str] | None = None
        self._lanes: dict[int, KeptLane] = {}
        self._let_go_at: dict[int, float] = {}
        """When to stop those lanes whose partition is another's now."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self.joined = asyncio.Event()
        """Set once it is known that the other workers, if any, are of the same shop; and when it leaves."""
        self._log = structlog.get_logger()
        assembly.report = self.report

    async def run(self) -> None:
        """Follow the others until cancelled or until the session is lost; lanes go on until `leave`.

        Raises `OtherShop` where workers of another database are at work here.
        """
        await self._join()
        clock = asyncio.get_running_loop().time
        probe_at = clock() + PROBE_INTERVAL_SECONDS
        while not self._session.lost.is_set():
            await self._listen(min((probe_at, *self._let_go_at.values())) - clock())
            if clock() >= probe_at:
                await self._probe()
                await self._attend(here=not self._database.look())
                probe_at = clock() + PROBE_INTERVAL_SECONDS
            self._settle()
            self._let_go()
            if self._failure is not None:
                raise self._failure

    async def leave(self) -> set["asyncio.Task[None]"]:
        """Let go of everything; return the tasks of the lanes that finish what they have."""
        self.joined.set()
        if not self._session.lost.is_set():
            await self._assembly.say(Presence.LEAVING)
            if self._roster.others:
                await sleep_unless(self._session.lost, LET_GO_SECONDS)
        for lane in self._lanes.values():
            lane.stop()
        self._lanes.clear()
        self._on_change(frozenset())
        return self._tasks

    def report(self) -> WorkerReport:
        """Return how this worker is, for whoever asks."""
        return WorkerReport(
            worker=self._assembly.worker,
            name=self._member.name,
            shop=self._member.shop,
            joined_at=self._member.joined_at,
            members=tuple(sorted(self._roster.members)),
            lanes=tuple(
                lane.report(leaving=partition in self._let_go_at) for partition, lane in sorted(self._lanes.items())
            ),
            database_away=not self._roster.present,
        )

    async def _join(self) -> None:
        await self._assembly.say(Presence.JOINING)
        clock = asyncio.get_running_loop().time
        until = clock() + JOIN_SECONDS
        while (left_seconds := until - clock()) > 0:
            for announcement in await self._assembly.hear(left_seconds):
                self._roster.hear(announcement)
        self._require_one_shop()
        self._roster.joined = True
        self.joined.set()
        await self._take_share()

    def _require_one_shop(self) -> None:
        if self._roster.strangers:
            raise OtherShop(
                f"{', '.join(sorted(self._roster.strangers))} on this virtual host of the broker works on another "
                "database, and would share this worker's queues; give each shop a virtual host of its own, or stop "
                "the other first"
            )

    async def _take_share(self) -> None:
        self._settle()
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_LIMIT_SECONDS):
                for lane in self._lanes.values():
                    await lane.ready.wait()
        await self._assembly.say(Presence.MEMBER)

    async def _listen(self, within_seconds: float) -> None:
        heard = [self._roster.hear(announcement) for announcement in await self._assembly.hear(within_seconds)]
        if any(heard) and self._roster.present:
            await self._assembly.say(Presence.MEMBER)

    async def _probe(self) -> None:
        # Said again and again, because somebody may have missed it.
        if self._roster.present:
            await self._assembly.say(Presence.MEMBER)
        for worker in await self._assembly.gone(self._roster.others):
            self._log.info("worker.gone", gone=worker)
            self._roster.lose(worker)

    async def _attend(self, *, here: bool) -> None:
        if here == self._roster.present:
            return
        self._roster.present = here
        self._log.warning("share.resumed" if here else "share.stepped_aside")
        if here:
            await self._take_share()
        else:
            await self._assembly.say(Presence.LEAVING)

    def _settle(self) -> None:
        members = self._roster.members
        if members == self._settled_for:
            return
        self._settled_for = members
        share = assign(self._member.partition_count, members).get(self._assembly.worker, frozenset())
        let_go_at = asyncio.get_running_loop().time() + LET_GO_SECONDS
        self._let_go_at = {
            partition: self._let_go_at.get(partition, let_go_at) for partition in self._lanes.keys() - share
        }
        for partition in sorted(share - self._lanes.keys()):
            self._keep(partition)
        self._log.info("share.changed", workers=len(members), partitions=sorted(share))
        self._on_change(share)

    def _let_go(self) -> None:
        now = asyncio.get_running_loop().time()
        for partition in [partition for partition, at in self._let_go_at.items() if at <= now]:
            del self._let_go_at[partition]
            self._lanes.pop(partition).stop()

    def _keep(self, partition: int) -> None:
        lane = self._lanes[partition] = self._keep_lane(partition)
        task = asyncio.create_task(lane.run())
        self._tasks.add(task)
        task.add_done_callback(partial(self._on_ended, partition, lane))

    def _on_ended(self, partition: int, lane: KeptLane, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self._failure = task.exception() or self._failure
        elif self._lanes.get(partition) is lane and not self._session.lost.is_set():
            # Nobody here cancels the lane of a partition that is kept; a client library has done such things.
            self._log.warning("lane.cancelled", partition=partition)
            self._keep(partition)
