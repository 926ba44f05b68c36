"""The verbs of `order-worker`, one file each.

run       own partitions and work on their commands
migrate   bring the database to this program's schema
status    who owns what, and how much waits
verify    fold all events and compare everything with them
rebuild   make the rows of stock, reservations and orders again from the events
snapshot  shorten the replays of SKUs that have grown

`application` puts them together; `options`, `checked_database` and `failures`
are what they share: settings, a database that fits, exit codes and errors.
`status_table` and `status_document` are what `status` prints for people and for programs.
"""

from worker.command_line.application import main

__all__ = ["main"]
