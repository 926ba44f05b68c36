"""Folds every aggregate and compares everything that was written with it.

What the database knows twice is compared. What it knows once cannot be:

- the digest of a command, because its body is not stored;
- the reason and the order id of an audit row, because no answer repeats them;
- who asked, and when, for a command that was refused, because nothing else was
  written for it; its quantity only so far that the rule still refuses it;
- whether a command that was skipped could have been applied, because an operator
  has decided about it, and no rule;
- what exactly an `adjust` asked, and which time a refused `extend` or `expire`
  named, because their answers do not repeat that;
- the words of a refusal's message, which another version may have chosen;
- snapshots that programs made with folds of their own (these are counted).

difference    what a check finds
lines         the rows of the seven tables, as they are compared
streams       reads them, merged by SKU and version, in one snapshot of the database
asked         the command that an answer repeats, decided again
answers       what one stored answer must say, by its row, its event and the rule
order         whether the answers of one SKU are numbered in the order of its versions
reservations  the fold of one SKU's reservations
orders        the fold of one whole order
folding       feeds all through one fold per SKU and names every difference
ledger        the lines of dead letters, and what closed ones say became of their commands
verifier      the whole check, with its counts
"""

from worker.operations.verification.difference import Difference
from worker.operations.verification.verifier import Verification, verify

__all__ = ["Difference", "Verification", "verify"]
