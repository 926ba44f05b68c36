-- The events of one aggregate after version $2, in order, at most $3 of them.
SELECT event_type, data::text AS data, version
FROM events
WHERE aggregate_id = $1 AND version > $2
ORDER BY version
LIMIT $3
