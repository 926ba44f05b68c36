"""The verbs of `order-publisher`.

ordering    purchase, restock: one command and its answer
importing   import: a file of orders; with bad_lines and progress
watching    watch: everybody's results, as they come
lookups     result, stock: what the database has recorded

`application` puts them together; `options`, `tables`, `exit_codes` and
`failures` are what they share.
"""

from publisher.command_line.application import main

__all__ = ["main"]
