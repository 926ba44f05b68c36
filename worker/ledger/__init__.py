"""The ledger of dead letters, as the lanes write it.

records      letters, holds, verdicts: what goes in and out
rows         between these and the columns of the tables
portions     how many letters one statement takes
lane_ledger  files letters, keeps lines, settles what operators ask for; over the lane's session, under its term
statements   reads sql/: every statement, one file each

Its tables, and what their states mean: `worker/database/migrations/0005_dead_letters.sql` and
`0006_bundled_letters.sql`.
"""

from worker.ledger.lane_ledger import PARKED_LIMIT, PARKED_PER_AGGREGATE_LIMIT, LaneLedger
from worker.ledger.records import (
    Action,
    Filed,
    FilingOutcome,
    Full,
    Hold,
    Known,
    Letter,
    LetterMessage,
    LetterState,
    OpenLetter,
    Verdict,
)

__all__ = [
    "PARKED_LIMIT",
    "PARKED_PER_AGGREGATE_LIMIT",
    "Action",
    "Filed",
    "FilingOutcome",
    "Full",
    "Hold",
    "Known",
    "LaneLedger",
    "Letter",
    "LetterMessage",
    "LetterState",
    "OpenLetter",
    "Verdict",
]
