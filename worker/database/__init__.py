"""The database schema and how it comes to be.

migrations/  plain SQL, forward only, applied in the order of their numbers
migrator     applies them, and says whether a database fits this program
topology     the partition count, recorded once
errors       what does not fit, and what to do
"""
