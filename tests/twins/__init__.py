"""What a lane needs of the world, in memory, so that a test decides what goes wrong and when.

faults       the named points at which something can go wrong
queue        a broker's queue and the sources that consume it
database     the tables, and the rules that PostgreSQL keeps on them
store        a connection to them, as `worker.event_store.PartitionStore`
ledger       the ledger of dead letters, as `worker.ledger.LaneLedger`
outbox       where answers and dead letters arrive
loop         an outbox from which what orders ask comes back into the queue
environment  a clock and ids that repeat
observer     what a lane told of itself
shop         all of them put together, and a lane over them
orders       messages as publishers send them
"""

from tests.twins.database import DatabaseTwin
from tests.twins.environment import EnvironmentTwin
from tests.twins.faults import Faults
from tests.twins.ledger import LedgerRows, LedgerTwin
from tests.twins.observer import ObserverTwin
from tests.twins.outbox import OutboxTwin
from tests.twins.queue import QueueTwin, SourceTwin
from tests.twins.store import StoreTwin

__all__ = [
    "DatabaseTwin",
    "EnvironmentTwin",
    "Faults",
    "LedgerRows",
    "LedgerTwin",
    "ObserverTwin",
    "OutboxTwin",
    "QueueTwin",
    "SourceTwin",
    "StoreTwin",
]
