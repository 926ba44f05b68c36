"""The verbs of `order-publisher`.

ordering    purchase, restock: one command and its answer
correcting  adjust, transfer: what is in the house, and where
reserving   reserve, extend, release, fulfil: units held for somebody
importing   import: a file of orders; with bad_lines and progress
watching    watch: everybody's results, as they come
lookups     result, stock: what the database has recorded

`application` puts them together; `options`, `tables`, `exit_codes` and
`failures` are what they share, `asking` what those that send one command share.
"""

from publisher.command_line.application import main

__all__ = ["main"]
