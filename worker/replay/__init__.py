"""What workers do about dead letters besides their lanes: they carry out what operators have planned.

advancing     a plan and how far it has come -> what to ask for now, or to pause, or to finish; pure
plans         does it, in one short transaction for each plan
ledger_clock  looks again and again: carries plans on, and makes lanes look at what was asked for
requests      where something was asked for, and the ledger in numbers
dry_runs      decides a plan's letters against the present state, and writes nothing but that
attempts      finds the letter that kills whoever tries it in a dry run
lines         the letters of a dry run -> in which order they would be decided; pure
foresight     decides as a lane would, on states in memory
forecasts     what would become of letters, in words; pure
session       a connection for these
statements    reads sql/: every statement, one file each

Nobody owns a plan: each worker takes it on for a moment, so it outlives any of them. A lane is made to look by a
message in the queue of its partition, like any command: the broker gives it to the one that is the owner.
"""
