"""A shop of one partition on a real database: its lane, its ledger, and a worker that carries out dry runs."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from schemas.commands import Command, Purchase, Reserve, Restock, encode_command
from schemas.partitions import partition_queue, partition_routing_key
from tests.twins.environment import EnvironmentTwin
from tests.twins.observer import ObserverTwin
from tests.twins.outbox import OutboxTwin
from tests.twins.queue import QueueTwin
from tests.worker.replay.ledger import Ledger
from worker.event_store import PartitionStore
from worker.lane.lane import Lane
from worker.lane.ports import Assignment, BundleKind, Delivery, Ports
from worker.ledger import LaneLedger
from worker.replay.dry_runs import DryRuns
from worker.replay.session import LedgerSession

PLANS = {"replay_plans", "replay_plan_items"}


class Shop:
    """One partition with its lane, a ledger, and a worker that carries out dry runs."""

    def __init__(self, ledger: Ledger, url: str) -> None:
        self.ledger = ledger
        self.url = url
        self.numbers = 0
        self.store, self.states = PartitionStore(url), PartitionStore(url, catches_up=False)
        self.session = LedgerSession(url)
        self.lane_session = self.store.session

    def dry_runs(self, look_limit_letters: int = 1_000) -> DryRuns:
        return DryRuns(self.session, self.states, EnvironmentTwin(), 1, look_limit_letters=look_limit_letters)

    def next_id(self) -> UUID:
        self.numbers += 1
        return UUID(int=self.numbers, version=4)

    def body(self, command: type[Purchase | Restock | Reserve] = Purchase, sku: str = "A", **fields: Any) -> bytes:
        """Return a new command; of one unit, where nothing else is said."""
        return self.encoded(command, **{"sku": sku, "quantity": 1} | fields)

    def encoded(self, command: Callable[..., Command], **fields: Any) -> bytes:
        return encode_command(command(command_id=self.next_id(), user="till", **fields))

    async def letter(self, body: bytes, state: str = "set_aside", **fields: Any) -> int:
        command_id = json.loads(body).get("command_id") if body.startswith(b"{") else None
        command_id = command_id and UUID(command_id)
        return await self.ledger.letter(state, body=body, command_id=command_id, **fields)

    async def run_lane(self, *bodies: bytes, bundle: BundleKind | None = None) -> None:
        queue = QueueTwin(
            Delivery(body, 0, partition_queue(0), partition_routing_key(0), bundle=bundle) for body in bodies
        )
        ports = Ports(
            queue.open(), self.store, LaneLedger(self.lane_session), OutboxTwin(), EnvironmentTwin(), ObserverTwin()
        )
        await Lane(Assignment(0, 1, "lane"), ports).run()

    async def foretold(self, letters: Sequence[int], **limits: int) -> list[tuple[Any, ...]]:
        """Carry out a dry run about `letters`; return what it says of each."""
        before = await self.contents()
        plan_id = await self.ledger.plan(letters, dry_run=True)
        while (await self.ledger.row(plan_id))["state"] == "running":
            await self.dry_runs(**limits).carry_on()
        assert await self.contents() == before
        assert set(await self.ledger.states(plan_id)) <= {"forecast"}
        return await self.told(plan_id)

    async def told(self, plan_id: int) -> list[tuple[Any, ...]]:
        rows = await self.ledger.connection.fetch(
            "SELECT outcome, outcome_reason, message FROM replay_plan_items WHERE plan_id = $1 ORDER BY ordinal",
            plan_id,
        )
        return [tuple(row) for row in rows]

    async def outcomes(self, letters: Sequence[int]) -> list[tuple[Any, ...]]:
        """Return what has become of the letters."""
        rows = await self.ledger.connection.fetch(
            "SELECT outcome, outcome_reason FROM dead_letters WHERE letter_id = ANY ($1::bigint[]) ORDER BY letter_id",
            letters,
        )
        return [tuple(row) for row in rows]

    async def contents(self) -> dict[str, list[str]]:
        """Return every row of every table but those of plans."""
        tables = await self.ledger.connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = {row["tablename"] for row in tables} - PLANS
        return {name: await self._rows(name) for name in sorted(names)}

    async def _rows(self, table: str) -> list[str]:
        text = await self.ledger.connection.fetchval(
            "SELECT query_to_xml(format('TABLE %I', $1::text), true, true, '')", table
        )
        return sorted(text.split("<row "))

    async def close(self) -> None:
        await self.store.close()
        await self.states.close()
        await self.session.close()
