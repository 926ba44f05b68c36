"""The fault campaign: `make faults`. Real processes, broken by a seeded schedule, judged by an independent checker.

schedule   which fault comes when: a pure function of the seed
kinds/     the kinds of faults, a module for each family
subject/   the worker under test: the real service, with traps at named points
load/      publishers and consumers, which write down what they do
cluster/   servers, proxies, workers and load, and the handles to break them
checker/   lost, unexpected, doubled, reordered, negative, unaudited, held for ever
place      private servers, a fresh database, a folder
campaign   one of them, from start to verdict
injecting  each fault at its time
healing    everything works before; afterwards it is mended, and must come to rest
remains    what the database holds at the end, for the checker
report     the tables and the JSON file
mutating   the proof of the checker: every way of breaking the worker must be noticed
options    what can be chosen
"""
