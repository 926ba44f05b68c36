"""The benchmark: the worker beside what one would write instead, on the same servers.

__main__         `python -m tests.bench`: the parts, one after the other
options, sizes   what is asked for, and how much that is
parts            the parts, in their order: a file and a section each
bench            the run they all make: a backlog, answered by one contender, watched from outside
bench_broker     the queues, filled and counted
contender        a contender as a process; contenders/ holds the programs
footprint        what a process has used and holds, from outside
steady_load, worker_team   for sharing: clients that ask all the time, workers that come and go
workload         the commands
samples          from what was seen to figures
stages, sampler  where the CPU goes
report, record, picture   for people, for programs, for the README
tuning           `python -m tests.bench.tuning`: at which settings the other contenders are fastest
"""
