"""One append of an aggregate at a time in this process, conflict and retry beyond it.

appender         the way of an append: lock, plan, write; again after a conflict
plan             what it will write, worked out in memory
writer           the statement, and what follows once it is durable: remember, tell
kept_aggregate   what is kept between two appends, so that a decision needs no replay
aggregate_cache  which of them stay in memory
aggregate_locks  who may append now
doubts           appends whose outcome is not known yet
"""
