-- The aggregates after $1 in the order of their ids, at most $2 of them.
SELECT DISTINCT aggregate_id FROM events WHERE aggregate_id > $1 ORDER BY aggregate_id LIMIT $2
