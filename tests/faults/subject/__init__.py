"""The worker under test: the real service, with traps at named points and, where asked for, one of its rules broken.

Run as `python -m tests.faults.subject [MUTANT]`, with the settings of `order-worker run` in the environment and
orders on standard input, one JSON object a line.

points     where a trap can be laid, and what springs there
orders     what may be asked of a running worker
passing    ports that pass everything on; the others are built on them
traps      ports that spring traps
stepped    a clock that can be set
mutants    what a worker might do wrong, by name
mutant     a worker that does nothing wrong
doubts     mutants about what is done twice
hurries    mutants about what is done too early
omissions  mutants about what is not done
halves     mutants about whole orders that are done by halves
"""
