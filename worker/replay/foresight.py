"""Decides letters as their lane would, on states that it keeps in memory: nothing is committed."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from worker import domain
from worker.event_store import ReservationName, StoredAnswer, Term
from worker.lane.command_codec import reservation_id_of
from worker.lane.dead_letters.holds import aggregate_of
from worker.lane.dead_letters.letters import failed
from worker.lane.decoding import Request
from worker.lane.endings import Ending
from worker.lane.orders.known_order import KnownOrder
from worker.lane.orders.last_sale import sale_id
from worker.lane.orders.line_replies import LineReply
from worker.lane.planning import Item, Planner, request_of
from worker.lane.ports import Environment


class Wanted:
    """What has to be read before some requests can be decided."""

    def __init__(self, items: Iterable[Item]) -> None:
        requests = [request_of(item) for item in items]
        stock = [request.command for request in requests if isinstance(request, Request)]
        self.skus = {command.sku for command in stock}
        self.reservations: set[ReservationName] = {
            (command.sku, name) for command in stock if (name := reservation_id_of(command)) is not None
        }
        self.orders = {aggregate_of(request) for request in requests if not isinstance(request, Request)}
        self.command_ids = {
            request.command_id if isinstance(request, LineReply) else request.command.command_id for request in requests
        }

    def without(self, foresight: "Foresight") -> "Wanted":
        """Return what of it has not been read."""
        left = Wanted(())
        left.skus = self.skus - foresight.read.skus
        left.reservations = self.reservations - foresight.read.reservations
        left.orders = self.orders - foresight.read.orders
        left.command_ids = self.command_ids - foresight.read.command_ids
        return left


class Foresight:
    """States, as they would be after all that was decided so far."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.stocks: dict[str, domain.Stock] = {}
        self.reservations: dict[ReservationName, domain.Reservation] = {}
        self.orders: dict[str, KnownOrder] = {}
        self.stored: dict[UUID, StoredAnswer] = {}
        self.read = Wanted(())
        """What was looked for, whether it was found or not."""

    def seen(self, wanted: Wanted) -> None:
        """Note that `wanted` was looked for: from now on it moves here."""
        self.read.skus |= wanted.skus
        self.read.reservations |= wanted.reservations
        self.read.orders |= wanted.orders
        self.read.command_ids |= wanted.command_ids

    def decide(self, item: Item, partition: int) -> Ending:
        """Return how `item` would end in the lane of `partition`, and go on from there. All it needs must be here."""
        try:
            plan = self._planner(item, partition).plan([item])
        except Exception as error:  # noqa: BLE001 - as in a lane, whatever a request causes ends at that request
            return failed(request_of(item), error)
        batch = plan.batch
        self.stocks.update(plan.stocks)
        self.reservations.update(plan.reservations)
        self.stored.update((command.command_id, StoredAnswer(*command)) for command in batch.commands)
        self.stored.update((name, StoredAnswer(name, digest, None)) for name, digest in batch.placed.items())
        self.orders.update(plan.orders)
        return plan.endings[0]

    def _planner(self, item: Item, partition: int) -> Planner:
        wanted = Wanted([item])
        orders = {name: self.orders[name] for name in wanted.orders if name in self.orders}
        ids = wanted.command_ids | {known.order.command_id for known in orders.values()}
        ids |= {sale_id(name, known.order) for name, known in orders.items()}
        return Planner(
            Term(partition, epoch=0, sequence=0),
            self.stocks,
            _of(self.stored, ids),
            self._environment,
            {name: self.reservations[name] for name in wanted.reservations if name in self.reservations},
            orders,
        )


def _of(stored: Mapping[UUID, StoredAnswer], ids: Iterable[UUID]) -> dict[UUID, StoredAnswer]:
    return {name: stored[name] for name in ids if name in stored}
