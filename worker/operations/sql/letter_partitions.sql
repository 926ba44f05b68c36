-- Open letters about known aggregates, with the partition each lies in.
SELECT DISTINCT aggregate_id, partition FROM dead_letters WHERE closed_at IS NULL AND aggregate_id IS NOT NULL
