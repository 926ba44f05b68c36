"""Folds every aggregate and compares everything that was written with it.

difference what a check finds
lines      the rows of the five tables, as they are compared
streams    reads them, merged by SKU and version, in one snapshot of the database
reservations  the same for the reservations of one SKU
folding    feeds them through one fold per SKU and names every difference
verifier   the whole check, with its counts
"""

from worker.operations.verification.difference import Difference
from worker.operations.verification.verifier import Verification, verify

__all__ = ["Difference", "Verification", "verify"]
