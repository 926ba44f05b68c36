"""Who owns what, how much waits, and what is wrong with it.

    looking       asks the database, the broker's queues and the workers themselves
    ledger_state  reads the ledger of dead letters
    state         what was found
    problems      what of that an operator should look at; pure

Nothing here is remembered from before: a worker is there if it answers now.
"""

from worker.operations.status.ledger_state import LedgerState
from worker.operations.status.looking import status
from worker.operations.status.problems import Problem, ProblemKind, problems_of
from worker.operations.status.state import PartitionState, Status, WorkerState

__all__ = ["LedgerState", "PartitionState", "Problem", "ProblemKind", "Status", "WorkerState", "problems_of", "status"]
