"""The service: commands in from the broker, decided, committed, answered.

domain        decides: pure functions over frozen values
event_store   commits: one statement for a batch, fenced and idempotent
lane          joins them: one lane per partition, batch by batch
broker        takes commands from RabbitMQ and forwards those that came unhashed
ownership     who works on which partition
    database      the schema and its migrations
service       the composition root of a running worker
expiry        sends what ends reservations whose time is up
operations    migrate, status, verify, rebuild
command_line  the verbs of `order-worker`
"""
