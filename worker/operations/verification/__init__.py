"""Folds every aggregate and compares everything that was written with it.

lines      the rows of the four tables, as they are compared
streams    reads them, merged by SKU and version, in one snapshot of the database
folding    feeds them through one fold per SKU and names every difference
verifier   the whole check, with its counts
"""

from worker.operations.verification.folding import Difference
from worker.operations.verification.verifier import Verification, verify

__all__ = ["Difference", "Verification", "verify"]
