"""Ends reservations whose time is up.

    expiring     a due reservation -> the command that ends it; pure
    clock        looks for what is due, and sends those commands
    going_first  lets them go before a backlog

The clock decides nothing. It puts a command into the queue of the SKU's
partition, like any publisher: the broker gives it to the one lane that is the
owner, in the SKU's order; it is decided, audited, answered and acknowledged like
every other; and a worker that dies at any point leaves it to the next one.
"""
