"""`make demo`: an order log through a real worker that is killed half-way, and the proof that nothing went wrong.

generated_log   the log that is streamed where none is given
columns         which column of a log holds what
log_lines       a log, read without the project's code
expectation     what must become of it: opening stock, every answer, the stock at the end
program         the project's programs, started as a user does
worker_process  `order-worker run`, until it is killed
shift           one worker after the other
import_process  `order-publisher import`, its results read while it runs
streaming       the opening stock and the log through it, every answer noted
progress        how far it is
recorded_stock  what the database has on record
proof           expectation, answers and record compared
report          the tables at the end
scenario        all of it in order
orders          the same with whole orders: `make demo ARGS=--orders`
errors          what can go wrong
"""
