"""See `tests.faults.subject`."""

import asyncio
import os
import signal
import sys

import uvloop

from tests.faults.subject.mutants import MUTANTS, Mutant
from tests.faults.subject.orders import follow_orders
from tests.faults.subject.points import Traps
from tests.faults.subject.stepped import SteppedEnvironment
from tests.faults.subject.traps import TrappedOutbox, TrappedSource, TrappedStore, trapped_expiry
from worker.lane.ports import Environment
from worker.service.logs import configure_logs
from worker.service.service import Service
from worker.service.settings import Settings
from worker.service.wrapping import Wrapping


class Subject:
    """One worker process."""

    def __init__(self, mutant: Mutant) -> None:
        self._traps = Traps()
        self._clock: SteppedEnvironment | None = None
        traps = self._traps
        # A mutant stands between the lane and the traps: what it does too early has happened when a trap springs.
        self._wrapping = Wrapping(
            source=lambda source: mutant.source(TrappedSource(source, traps), source),
            store=lambda store: mutant.store(TrappedStore(mutant.database(store), traps)),
            ledger=mutant.ledger,
            outbox=lambda outbox: mutant.outbox(TrappedOutbox(outbox, traps)),
            environment=self._stepped,
            expiry=lambda send: mutant.expiry(trapped_expiry(send, traps)),
        )

    async def run(self, settings: Settings) -> None:
        """Work until SIGTERM."""
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        service = Service(settings, wrapping=self._wrapping)
        orders = asyncio.create_task(follow_orders(self._traps, self._stepped_clock))
        try:
            await service.run(stopping)
        finally:
            orders.cancel()

    def _stepped(self, environment: Environment) -> SteppedEnvironment:
        self._clock = SteppedEnvironment(environment)
        return self._clock

    def _stepped_clock(self) -> SteppedEnvironment:
        assert self._clock is not None
        return self._clock


def main(mutant: str | None) -> None:
    """Be a worker, with the rule of `mutant` broken."""
    configure_logs("info", as_json=True)
    names = {
        "amqp_url": "ORDERS_AMQP_URL",
        "database_url": "ORDERS_DATABASE_URL",
        "partition_count": "ORDERS_PARTITIONS",
        "heartbeat_seconds": "ORDERS_HEARTBEAT_SECONDS",
        "shutdown_seconds": "ORDERS_SHUTDOWN_SECONDS",
        "worker_name": "ORDERS_WORKER_NAME",
    }
    settings = Settings.model_validate({name: os.environ[variable] for name, variable in names.items()})
    uvloop.run(Subject(Mutant() if mutant is None else MUTANTS[mutant]()).run(settings))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
