-- Which event took version $2 of one aggregate; no row where none did.
SELECT event_id::text AS event_id FROM events WHERE aggregate_id = $1 AND version = $2
