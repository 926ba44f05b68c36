"""The verbs of `order-publisher`.

stock_verbs  purchase, restock, adjust, transfer, reserve, extend, release, fulfil;
             asking: how one command is asked and answered
order_verbs  order, cancel-order; order_reading: what is ordered, from a file or options
importing    import: a file of orders; with bad_lines and progress
watching     watch: everybody's results, as they come
lookups      result, stock: what the database has recorded
dead_letters dead-letters ...: what could not be processed

`application` puts them together; `options`, `tables`, `exit_codes`, `failures`
and `version` are what they share.
"""

from publisher.command_line.application import main

__all__ = ["main"]
