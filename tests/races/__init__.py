"""`python -m tests.races`: the oversell that everyone writes first, beside the lane, under every schedule.

schedules      every order in which people can take turns
turns          lets coroutines take their turns in such an order, and no other
till           the stock of the naive programs, and what was seen there
naive          check, then decrement; with a lock in each process; with a row lock that one place forgets
pausing        twins that end a turn before each thing they do
lanes          the real lane over twins: behind the same buyers, and two of them on one partition
races          the programs, each under every schedule
outcome        what all schedules of one program came to
report         the table, and the shortest way to oversell, step by step
__main__       runs all, and prints that

No clock, no threads, no randomness: every run of it sees the same.
"""
