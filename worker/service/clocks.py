"""The clocks of one session: reservations that are due, orders that stand still, and the ledger of dead letters."""

import asyncio
from collections.abc import Sequence
from functools import partial

from publisher.addressing import Addressing
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.errors import BrokerUnavailable
from schemas.commands import Command
from schemas.dead_letters import NUDGE
from schemas.names import COMMANDS_EXCHANGE
from schemas.partitions import partition_routing_key
from worker.broker.outbox import CONFIRM_LIMIT_SECONDS
from worker.clocks.ticking import tick_for_ever
from worker.event_store import PartitionStore
from worker.expiry.clock import ExpiryClock
from worker.expiry.going_first import GoingFirst
from worker.expiry.order_clock import ORDER_TICK_SECONDS, OrderClock
from worker.lane.bundles import Bundler
from worker.lane.orders.errands import LineCommandOut
from worker.lane.ports import BundleKind, Environment, Outbox, PublishFailed
from worker.replay.dry_runs import DRY_RUN_TICK_SECONDS, DryRuns
from worker.replay.ledger_clock import LEDGER_TICK_SECONDS, LedgerClock
from worker.replay.plans import Plans
from worker.replay.requests import WaitingRequests
from worker.replay.session import LedgerSession
from worker.service.database_watch import DatabaseWatch
from worker.service.metrics import Metrics
from worker.service.settings import Settings
from worker.service.waiting import end
from worker.service.wrapping import Wrapping


class Clocks:
    """They decide nothing: they put messages into the queues of lanes, like any publisher."""

    def __init__(
        self,
        settings: Settings,
        sender: Sender,
        outbox: Outbox,
        metrics: Metrics,
        environment: Environment,
        going_first: GoingFirst,
        wrapping: Wrapping,
    ) -> None:
        """Open nothing yet."""
        self.database = DatabaseWatch()
        """Told by what they ask whether it answers."""
        url = settings.database_url.get_secret_value()
        self._partition_count = settings.partition_count
        self._addressing = Addressing(settings.partition_count)
        self._sender = sender
        self._outbox = outbox
        self._due, self._orders, self._ledger = PartitionStore(url), PartitionStore(url), LedgerSession(url)
        self._foreseen, self._foreseeing = PartitionStore(url, catches_up=False), LedgerSession(url)
        self._expiry_clock = ExpiryClock(
            self.database.watched(self._due.due_reservations),
            wrapping.expiry(self._send),
            environment.now,
            going_first.offer,
        )
        self._order_clock = OrderClock(self._orders, self._send, self._ask, environment.now)
        self._ledger_clock = LedgerClock(
            WaitingRequests(self._ledger),
            Plans(self._ledger).carry_on,
            self._nudge,
            metrics.show_ledger,
            environment.now,
        )
        self._dry_runs = DryRuns(self._foreseeing, self._foreseen, environment, settings.partition_count)

    def take_share(self, partitions: frozenset[int]) -> None:
        """Look after `partitions` from now on."""
        self._expiry_clock.share = self._order_clock.share = self._ledger_clock.share = partitions

    async def run(self) -> None:
        """Look again and again until cancelled."""
        looking = [
            asyncio.create_task(clock)
            for clock in (
                self._expiry_clock.run(),
                tick_for_ever(self._order_clock.tick, ORDER_TICK_SECONDS, name="orders"),
                tick_for_ever(self._ledger_clock.tick, LEDGER_TICK_SECONDS, name="ledger"),
                tick_for_ever(self._dry_runs.carry_on, DRY_RUN_TICK_SECONDS, name="dry_runs"),
            )
        ]
        try:
            await asyncio.gather(*looking)
        finally:
            for task in looking:
                await end(task)

    async def close(self) -> None:
        """Give the connections back."""
        for connected in (self._due, self._orders, self._ledger, self._foreseen, self._foreseeing):
            await connected.close()

    async def _send(self, commands: Sequence[Command]) -> None:
        await self._publish([self._addressing.message(command, None) for command in commands])

    async def _ask(self, asked: Sequence[LineCommandOut]) -> None:
        bundler = Bundler(BundleKind.ASKED, self._partition_count)
        for line_command in asked:
            bundler.add(line_command.sku, line_command.body)
        try:
            await self._outbox.publish([], list(bundler.bundles()))
        except PublishFailed as error:
            raise BrokerUnavailable(str(error)) from error

    async def _nudge(self, partitions: Sequence[int]) -> None:
        nudge = partial(OutgoingMessage, COMMANDS_EXCHANGE, body=NUDGE, mandatory=True)
        await self._publish([nudge(routing_key=partition_routing_key(partition)) for partition in partitions])

    async def _publish(self, messages: Sequence[OutgoingMessage]) -> None:
        # What is not confirmed must not end the looking; at the next look it is still due.
        await self._sender.publish(messages, within_seconds=CONFIRM_LIMIT_SECONDS)
