"""`make demo`: an order log through a real worker that is killed half-way, and the proof that nothing went wrong.

generated_log   the log that is streamed where none is given
columns         which column of a log holds what
log_lines       a log, read without the project's code
expectation     what must become of it: opening stock, every answer, the stock at the end
worker_process  `order-worker run`, started and killed
streaming       the log through the publisher's import, every answer noted
progress        how far it is
recorded_stock  what the database says it has
proof           expectation and record compared
report          the table at the end
scenario        all of it in order
"""
