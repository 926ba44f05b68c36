-- The events of one aggregate after version $2 up to $3 (null: the newest), in order, at most $4 of them.
SELECT event_id::text AS event_id, aggregate_id, event_type, data::text AS data, "timestamp", version
FROM events
WHERE aggregate_id = $1 AND version > $2 AND version <= coalesce($3::bigint, 9223372036854775807)
ORDER BY version
LIMIT $4
