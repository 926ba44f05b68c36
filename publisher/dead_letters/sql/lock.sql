-- Operators ask one after the other: who decides which letters to take sees all that others have taken.
SELECT pg_advisory_xact_lock($1)
