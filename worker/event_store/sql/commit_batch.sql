-- Commits one batch of a lane: everything or nothing, in one round trip.
--
-- Returns one row with state 'committed'; or, where a command was answered before, one row
-- 'answered' for each of those, and nothing is written; or no row: the epoch is stale or the
-- sequence has moved on, and nothing is written either. Every write hangs off the fence, the gate.
WITH
-- include batch
-- include writes
-- include outcome
