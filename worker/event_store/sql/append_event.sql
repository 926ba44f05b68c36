-- Appends one event that moves no stock, or any event where the tables of stock do not exist.
--
-- The column of the time may be one with a zone, in tables made by others. So the time goes in as text that names
-- UTC, which either kind reads rightly, whatever the session's zone is.
INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version)
SELECT $1::text::uuid, $2::text, $3::text, $4::text::jsonb, moment."timestamp", $6::bigint
FROM json_populate_record(
    NULL::events, json_build_object('timestamp', (to_json($5::timestamp) #>> '{}') || '+00')
) AS moment
