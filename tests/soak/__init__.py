"""The soak: `make soak`. An hour of a shop in ten minutes, and what may not grow meanwhile.

options     how long, and where the files go
soak        limit, load, faults, samples: one of them, from start to verdict
traffic     what customers ask: SKUs that come and go, reservations that lapse, whole orders
pace        how many commands are due
unanswered  which of them have no answer yet, and how old the oldest is
client      `python -m tests.soak.client`: publishes at a pace, takes every answer
misfortune  which faults, and whom they hit
sampling    a look at everything, once a second
series      from the files to figures over time
flatness    the rule by which a figure is flat
report      the table and the JSON file
plots       the PNG
"""
