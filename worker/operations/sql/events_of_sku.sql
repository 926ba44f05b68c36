SELECT event_type, data::text, version
FROM events
WHERE aggregate_id = $1
ORDER BY version
