"""Ends reservations and orders whose time is up, and brings on orders that stand still.

    expiring       a due reservation -> the command that ends it; pure
    clock          looks for what is due, and sends those commands
    going_first    lets them go before a backlog
    order_errands  an order that was left alone -> the commands that bring it on; pure
    order_clock    looks for such orders, and sends those commands

The clocks decide nothing. They put a command into the queue of the SKU's or the
order's partition, like any publisher: the broker gives it to the one lane that is the
owner, in the SKU's order; it is decided, audited, answered and acknowledged like
every other; and a worker that dies at any point leaves it to the next one.
"""
