-- The newest version of one aggregate; no row where it has no events.
SELECT version FROM events WHERE aggregate_id = $1 ORDER BY version DESC LIMIT 1
