"""`make demo ARGS=--orders`: the log's invoices as whole orders, and the proof.

invoices     the log put together to orders and returns, without the project's code
expectation  what becomes of them one at a time, from the log alone
streaming    the log through `order-publisher import --orders`, every answer kept
history      what the database has on record of every SKU
proof        the log, the answers and the record compared
scenario     all of it in order
"""
