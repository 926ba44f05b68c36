"""The service: commands in from the broker, decided, committed, answered.

domain        decides: pure functions over frozen values
event_store   commits: one statement for a batch, fenced and idempotent
ledger        keeps what could not be processed, and what waits behind it
lane          joins them: one lane per partition, batch by batch
broker        takes commands from RabbitMQ and forwards those that came unhashed
ownership     who works on which partition
database      the schema and its migrations
clocks        what all that looks again and again has in common
expiry        sends what ends reservations and orders whose time is up
replay        carries out what operators have planned about dead letters
collecting    files what the broker gave up on
operations    status, verify, rebuild, snapshot
service       the composition root of a running worker
command_line  the verbs of `order-worker`
"""
