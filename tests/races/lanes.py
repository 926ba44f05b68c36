"""The real lane over twins: behind the same buyers, and two of them on one partition."""

from copy import deepcopy
from functools import cache

from tests.races.pausing import PausingOutbox, PausingSource, PausingStore
from tests.races.schedules import Schedule
from tests.races.till import BUYERS, OPENING_STOCK, WANTED
from tests.races.turns import Program, pause, take_turns
from tests.twins import DatabaseTwin, EnvironmentTwin, LedgerTwin, ObserverTwin, OutboxTwin, QueueTwin
from tests.twins.orders import purchase, restock
from tests.twins.shop import Shop
from worker.lane.lane import Lane
from worker.lane.ports import Assignment, Delivery, Ports

PURCHASES = [purchase(number, WANTED) for number in range(1, len(BUYERS) + 1)]


class Warehouse:
    """One SKU of `OPENING_STOCK` units."""

    def __init__(self) -> None:
        self._database = deepcopy(_stocked())
        self._outbox = OutboxTwin()
        self._observer = ObserverTwin()

    @property
    def lowest(self) -> int:
        """Return the smallest stock that ever was: the audit has every one."""
        return min(row.balance for row in self._database.audit)

    @property
    def left(self) -> int:
        """Return what the stock row says."""
        return self._database.levels["A", "main"].on_hand

    @property
    def answers(self) -> list[bytes]:
        """Return what was answered, each once."""
        return sorted({reply.body for reply in self._outbox.replies})

    @property
    def fenced(self) -> int:
        """Return how many lanes found that another had taken over."""
        return self._observer.conflicts.count("fence")

    def lane(self, owner: str, queue: QueueTwin) -> Program:
        """Return a lane that takes all purchases from `queue`, and has not begun."""
        lane = Lane(
            Assignment(0, 1, owner),
            Ports(
                source=PausingSource(queue, expected=len(PURCHASES)),
                store=PausingStore(self._database),
                outbox=PausingOutbox(self._outbox),
                environment=EnvironmentTwin(),
                observer=self._observer,
                ledger=LedgerTwin(self._database),
            ),
        )
        return lane.run()


def behind_buyers(schedule: Schedule, pace: int) -> Warehouse:
    """Let buyers look and send in the order of `schedule`; the lane has `pace` turns after each of theirs."""
    warehouse, queue = Warehouse(), QueueTwin()
    buyers = [_look_and_send(queue, message) for message in PURCHASES]
    lane = len(buyers)
    turns = tuple(turn for buyer in schedule for turn in (buyer, *[lane] * pace))
    take_turns([*buyers, warehouse.lane("lane", queue)], turns)
    return warehouse


def side_by_side(schedule: Schedule) -> Warehouse:
    """Let two lanes that both have all purchases, and take the other for dead, work in the order of `schedule`."""
    warehouse = Warehouse()
    take_turns([warehouse.lane(owner, QueueTwin(PURCHASES)) for owner in ("one", "other")], schedule)
    return warehouse


async def _look_and_send(queue: QueueTwin, message: Delivery) -> None:
    await pause()
    queue.messages.append(message)


@cache
def _stocked() -> DatabaseTwin:
    shop = Shop([restock(100, OPENING_STOCK)])
    take_turns([shop.run_lane()], ())
    return shop.database
