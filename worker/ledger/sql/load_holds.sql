-- The aggregates of partition $1 that wait.
SELECT aggregate_id, head, parked, operator, why FROM holds WHERE partition = $1
