"""What one would write instead of the worker, each a program of its own, and the worker with a sampler beside it.

echo             answers every command and decides nothing: what a plain consumer can reach at most
per_message      one transaction per command, with a locked stock row
profiled_worker  the worker, telling at its end where its CPU went
reading_application  half of a shop's traffic, through a stock view or a cache
number_rows      what it takes note of meanwhile
cache_aside      that cache: Redis beside the database

All take `ORDERS_AMQP_URL` and `ORDERS_DATABASE_URL`, as the worker does, and run until SIGTERM.
"""
