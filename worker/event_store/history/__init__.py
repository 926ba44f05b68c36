"""Reading back what was stored.

history       what can be read, whatever the pool
in_database   as the database holds it, whoever wrote it
in_memory     what this store appended itself, over a write-only pool
stored        events and snapshots as they lie in their rows
upcasting     data of an older shape read in today's
"""
