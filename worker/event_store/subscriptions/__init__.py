"""Handlers of events: each has a bounded queue and a task of its own.

A handler gets the events of its types that are appended through this store from
its subscription on, each once, those of one aggregate in version order, after they
are durable. How long it takes matters to nobody else: not to appends, not to other
handlers.

What a handler had not got when the process ends it never gets: `drain` first.

subscriptions  all handlers of one store
subscription   one handler with its queue, and its task
backlog        what it missed while its queue was full
"""
