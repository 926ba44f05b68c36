"""All kinds of faults, by name."""

from tests.faults.kinds.broker import BROKER_KINDS
from tests.faults.kinds.clocks import CLOCK_KINDS
from tests.faults.kinds.database import DATABASE_KINDS
from tests.faults.kinds.input import INPUT_KINDS
from tests.faults.kinds.kind import Kind
from tests.faults.kinds.network import NETWORK_KINDS
from tests.faults.kinds.rivals import RIVAL_KINDS
from tests.faults.kinds.worker import WORKER_KINDS

CATALOGUE: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *WORKER_KINDS,
        *RIVAL_KINDS,
        *CLOCK_KINDS,
        *BROKER_KINDS,
        *DATABASE_KINDS,
        *NETWORK_KINDS,
        *INPUT_KINDS,
    )
}
