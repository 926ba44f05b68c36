"""What an operator does to a running shop.

status        who owns what, and how much waits
verification  fold all events and compare everything with them
rebuilding    make the rows of stock, reservations and orders again from the events
folded_rows   what rows the events of one SKU make
snapshotting  shorten the replays of SKUs that have grown
statements    the SQL of these, in sql/
"""
