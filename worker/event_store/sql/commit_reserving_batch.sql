-- Commits a batch in which reservations change, too; else as `commit_batch`, which is spared their cost.
WITH
-- include answered
-- include gate
-- include recorded
-- include batch
-- include writes
,
-- include kept
-- include outcome
